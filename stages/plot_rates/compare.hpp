#pragma once

#include <filesystem>

#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

/// OUT/compare.html over the sessions that both OUT (of --out) and `other` hold results of. Throws
/// Error(input) where there are none, and Error(output).
void write_comparison(const run::Context& context, const std::filesystem::path& other);

}  // namespace rnn_rates::plot_rates
