#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace rnn_rates::extract_bins {

struct Options {
  std::string input;               ///< which .h5 of the session folder
  std::filesystem::path simulate;  ///< folder for a simulated session; empty: none
};

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides);

}  // namespace rnn_rates::extract_bins
