#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace rnn_rates::reduce_pca {

void add_options(CLI::App& app, std::vector<std::string>& overrides);

}  // namespace rnn_rates::reduce_pca
