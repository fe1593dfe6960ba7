#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "session/manifest.hpp"

namespace rnn_rates::cli {

/// The part of a dataset that one job of an array takes: sessions i with i % count == index.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// Flags that all five programs share.
struct CommonOptions {
  std::vector<std::filesystem::path> sessions;
  std::filesystem::path manifest;
  std::filesystem::path config_file;
  std::vector<std::string> overrides;  ///< of --set
  std::filesystem::path out;
  std::string shard_text;
  std::string wall_limit;   ///< HH:MM:SS; "" for none
  std::size_t threads = 0;  ///< 0: the cores that this process may use
  bool force = false;
  bool dry_run = false;
  bool keep_going = false;
  bool wait = false;
  bool verify = false;
  bool allow_external = false;
  bool print_config = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

void add_common_options(CLI::App& app, CommonOptions& options);

/// "i/n" with i from 0 to n-1. Throws Error(usage).
Shard parse_shard(const std::string& text);

/// "HH:MM:SS", "MM:SS" or "SS" in seconds. Throws Error(usage).
std::chrono::seconds parse_wall_limit(const std::string& text);

/// How far the links in a session's file may lead.
h5::Reach reach(const CommonOptions& options);

/// All sessions that the flags name. Throws Error(usage) for none, for two of one id.
std::vector<session::SessionSpec> named_sessions(const CommonOptions& options);

/// This shard's part of them.
std::vector<session::SessionSpec> chosen_sessions(const std::vector<session::SessionSpec>& all,
                                                  const CommonOptions& options);

/// Cores that this process may use (affinity, so a Slurm allocation counts), or what --threads says.
std::size_t thread_count(const CommonOptions& options);

}  // namespace rnn_rates::cli
