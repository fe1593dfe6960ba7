#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "run/options.hpp"

namespace rnn_rates::cli {

void add_common_options(CLI::App& app, run::CommonOptions& options);

/// Adds `--name` and `--no-name` for the boolean setting `key`.
void add_boolean_setting(CLI::App& app, const std::string& name, const std::string& key,
                         const std::string& help, std::vector<std::string>& overrides);
/// Adds `--name VALUE` for the text setting `key`.
void add_text_setting(CLI::App& app, const std::string& name, const std::string& key, const std::string& help,
                      std::vector<std::string>& overrides);

/// "i/n" with i from 0 to n-1. Throws Error(usage).
run::Shard parse_shard(const std::string& text);

/// "HH:MM:SS", "MM:SS" or "SS" in seconds. Throws Error(usage).
std::chrono::seconds parse_wall_limit(const std::string& text);

}  // namespace rnn_rates::cli
