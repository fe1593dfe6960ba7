#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "run/options.hpp"

namespace rnn_rates::cli {

/// A flag of a stage that stands for a setting: --NAME VALUE, or --NAME and --no-NAME of a boolean one.
struct SettingFlag {
  std::string name;
  std::string key;
  std::string help;
  bool boolean = false;
};

void add_common_options(CLI::App& app, run::CommonOptions& options);

/// Those that are given add "key=value" to `overrides`.
void add_settings(CLI::App& app, const std::vector<SettingFlag>& flags, std::vector<std::string>& overrides);

/// "i/n" with i from 0 to n-1. Throws Error(usage).
run::Shard parse_shard(const std::string& text);

/// "HH:MM:SS", "MM:SS" or "SS" in seconds. Throws Error(usage).
std::chrono::seconds parse_wall_limit(const std::string& text);

}  // namespace rnn_rates::cli
