#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/hidden.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin) in Hz as the average of the other trials of the same taste (leave-one-out),
/// smoothed by a Gaussian kernel over the entries kept. Each unit's width and prior are the ones of `grid`
/// under which these averages best predict its kept counts (Poisson likelihood); width 0 is the average bin
/// by bin. `trial_taste` (trial) names each trial's taste. `overlapping`, empty or (trial) as
/// overlapping_trials() has it, names trials that are no others, since they hold some of the same spikes.
Array<float, 3> predict_trial_average(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                      std::span<const std::uint32_t> trial_taste, double bin_ms,
                                      std::span<const std::vector<std::uint32_t>> overlapping = {},
                                      const KernelGrid& grid = {}, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
