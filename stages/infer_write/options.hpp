#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace rnn_rates::infer_write {

struct Options {
  bool publish = false;  ///< put /rnn_output into the session's own file
  std::string input;     ///< which .h5 of the session folder
};

void add_options(CLI::App& app, Options& options);

}  // namespace rnn_rates::infer_write
