#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "run/stage.hpp"

namespace rnn_rates::cli {

/// What the help of a stage's program says, and the flags of its own.
struct CommandLine {
  std::string summary;
  std::vector<std::string> examples;  ///< two command lines
  std::vector<SettingFlag> settings = {};
  std::function<void(CLI::App& app)> add_options = {};  ///< the stage's other flags
};

/// Parses, runs the stage over its sessions, reports. The only place that catches; returns the exit code.
int run_stage(int argc, char** argv, const CommandLine& line, run::Stage& stage);

}  // namespace rnn_rates::cli
