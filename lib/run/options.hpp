#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::run {

/// The part of a dataset that one job of an array takes: sessions i with i % count == index.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// What the flags say that all five programs share.
struct CommonOptions {
  std::vector<std::filesystem::path> sessions;
  std::filesystem::path manifest;
  std::filesystem::path config_file;
  std::vector<std::string> overrides;  ///< of --set
  std::filesystem::path out;
  Shard shard;
  std::optional<std::chrono::seconds> wall_limit;
  std::size_t threads = 0;  ///< 0: the cores that this process may use
  bool force = false;
  bool dry_run = false;
  bool keep_going = false;
  bool wait = false;
  bool verify = false;
  bool allow_external = false;
  bool print_config = false;
  bool list_sessions = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
};

/// How far the links in a session's file may lead.
inline h5::Reach reach(const CommonOptions& options) {
  return options.allow_external ? h5::Reach::anywhere : h5::Reach::folder;
}

}  // namespace rnn_rates::run
