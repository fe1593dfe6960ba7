#pragma once

#include <cstdint>
#include <vector>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

/// Predicted against counted rates, a value for each decile of the predictions that holds any, the lowest
/// first. Of predictions that did not see the counts, all lie on the diagonal, but for the error of the
/// counts.
struct Calibration {
  std::vector<double> predicted_hz;               ///< mean
  std::vector<double> counted_hz;                 ///< mean
  std::vector<double> counted_standard_error_hz;  ///< over trials; NaN of a single trial
};

/// Of rates `predicted_hz` (trial, unit, bin) and counts alike, of what was observed. The standard error is
/// that of a ratio of means, spikes over time, whose trials are independent (Cochran 1977, Sampling
/// Techniques, eq. 6.13).
Calibration calibrate(const Array<float, 3>& predicted_hz, const Array<std::uint16_t, 3>& counts,
                      double bin_ms, const Observed& observed = {});

}  // namespace rnn_rates::neural
