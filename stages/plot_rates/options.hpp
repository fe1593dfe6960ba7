#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace rnn_rates::plot_rates {

void add_options(CLI::App& app, std::vector<std::string>& overrides);

}  // namespace rnn_rates::plot_rates
