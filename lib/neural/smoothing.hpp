#pragma once

#include <cstdint>

#include "core/array.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Firing rates in Hz (trial, unit, bin) as the moving average of `counts` (trial, unit, bin) over a boxcar
/// of `width_ms`, rounded to whole bins, at least one. Placed as numpy.convolve(..., mode="same") places it:
/// an even width of 2m bins averages bins b - m to b + m - 1. At the edges the average is over the bins that
/// exist and are not hidden; without any, the rate is the unit's mean_kept_rate_hz. The Python program plots
/// this with 250 ms.
Array<float, 3> boxcar_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double width_ms,
                               const Hidden& hidden = {});

/// Firing rates in Hz (trial, unit, bin) smoothed by a Gaussian of standard deviation `sigma_ms` > 0, sampled
/// at the bins, cut off at 4 sigma, and normalised over the bins that exist, so that a constant rate stays
/// constant up to the edges.
Array<float, 3> gaussian_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double sigma_ms);

}  // namespace rnn_rates::neural
