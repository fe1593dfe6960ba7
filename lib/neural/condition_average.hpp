#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/hidden.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::neural {

/// What was seen at each place, (trial, unit, bin), in the other trials of the trial's condition. Arguments
/// are those of predict_condition_average().
SpikesSeen in_other_trials(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                           std::span<const std::uint32_t> trial_condition,
                           std::span<const std::vector<std::uint32_t>> overlapping);

/// Rates (trial, unit, bin) in Hz as the average of the other trials of the same condition (leave-one-out),
/// smoothed by a Gaussian kernel over the entries kept: rates that know each trial's condition. Each unit's
/// width and prior are the ones of `grid` under which these averages best predict its kept counts (Poisson
/// likelihood); width 0 is the average bin by bin. `trial_condition` (trial) names each trial's condition.
/// `overlapping`, empty or (trial) as overlapping_trials() returns it, lists trials that are left out of the
/// average too, since they hold some of the same spikes.
Array<float, 3> predict_condition_average(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                          std::span<const std::uint32_t> trial_condition, double bin_ms,
                                          std::span<const std::vector<std::uint32_t>> overlapping = {},
                                          const KernelGrid& grid = {}, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
