#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace rnn_rates::infer_write {

struct Options {
  bool publish = false;  ///< put /rnn_output into the session's own file
  bool nwb = false;      ///< write rates.nwb too
  std::string input;     ///< which .h5 of the session folder
};

/// Settings among the flags are added to `overrides` as "key=value".
void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides);

}  // namespace rnn_rates::infer_write
