#include "neural/condition_average.hpp"

#include <algorithm>
#include <cstddef>

namespace rnn_rates::neural {

namespace {

/// Turns each trial's values into the sums over the other trials of its condition that do not overlap with
/// it.
void sum_other_trials(Array<float, 3>& values, std::span<const std::uint32_t> trial_condition,
                      std::span<const std::vector<std::uint32_t>> overlapping) {
  const std::size_t conditions =
      trial_condition.empty()
          ? 0
          : std::size_t{1} + *std::max_element(trial_condition.begin(), trial_condition.end());
  const std::size_t per_trial = values.extent(1) * values.extent(2);
  const Array<float, 3> own = overlapping.empty() ? Array<float, 3>() : values;
  Array<float, 2> sums({conditions, per_trial});
  for (std::size_t i = 0; i < values.size(); ++i)
    sums(trial_condition[i / per_trial], i % per_trial) += values.values()[i];
  for (std::size_t i = 0; i < values.size(); ++i)
    values.values()[i] = sums(trial_condition[i / per_trial], i % per_trial) - values.values()[i];
  for (std::size_t trial = 0; trial < overlapping.size(); ++trial) {
    for (const std::uint32_t other : overlapping[trial]) {
      if (trial_condition[other] != trial_condition[trial]) continue;
      for (std::size_t i = 0; i < per_trial; ++i)
        values.values()[trial * per_trial + i] -= own.values()[other * per_trial + i];
    }
  }
}

}  // namespace

SpikesSeen in_other_trials(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                           std::span<const std::uint32_t> trial_condition,
                           std::span<const std::vector<std::uint32_t>> overlapping) {
  SpikesSeen others = kept_counts(counts, hidden);
  sum_other_trials(others.spikes, trial_condition, overlapping);
  sum_other_trials(others.bins, trial_condition, overlapping);
  return others;
}

Array<float, 3> predict_condition_average(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                          std::span<const std::uint32_t> trial_condition, double bin_ms,
                                          std::span<const std::vector<std::uint32_t>> overlapping,
                                          const KernelGrid& grid, const std::stop_token& stop) {
  const SpikesSeen others = in_other_trials(counts, hidden, trial_condition, overlapping);
  return kernel_rate_hz(mean_kept_rate_hz(counts, hidden, bin_ms), bin_ms,
                        choose_kernels(counts, hidden, bin_ms, grid, others, OwnBin::used, stop), others);
}

}  // namespace rnn_rates::neural
