#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

/// Per-unit z-score: scaled = (count - mean) / scale.
struct Scaler {
  std::vector<double> mean;   ///< (unit) counts per bin
  std::vector<double> scale;  ///< (unit) counts per bin, > 0
};

/// Mean and population standard deviation of each unit over the bins of the trials `trials` of `counts`
/// (trial, unit, bin); scale 1 for a unit whose count never changes there. Equals scikit-learn's
/// StandardScaler. What was not observed is left out; mean 0 for a unit that never was. Throws Error(input)
/// if `trials` is empty.
Scaler fit_scaler(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
                  const Observed& observed = {});

/// All trials of `counts` (trial, unit, bin), scaled; same shape. 0, the mean, where not observed.
Array<double, 3> scale_counts(const Array<std::uint16_t, 3>& counts, const Scaler& scaler,
                              const Observed& observed = {});

}  // namespace rnn_rates::neural
