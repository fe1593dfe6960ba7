#pragma once

#include <optional>

#include "core/array.hpp"
#include "neural/binning.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin of `from_bin_ms`) that start where the spike array starts, averaged over the bins
/// of `grid`: (trial, unit, bin). Nothing where the grid's bins are not whole numbers of theirs, or leave
/// them.
std::optional<Array<float, 3>> rebin_rates(const Array<float, 3>& rates, double from_bin_ms,
                                           const BinGrid& grid);

}  // namespace rnn_rates::neural
