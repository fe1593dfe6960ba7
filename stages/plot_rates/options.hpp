#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace rnn_rates::plot_rates {

struct Options {
  std::string figure;  ///< the only one to draw, beside what is there; empty: all that the settings select
};

void add_options(CLI::App& app, Options& options, std::vector<std::string>& overrides);

}  // namespace rnn_rates::plot_rates
