#include "neural/trial_average.hpp"

#include <algorithm>
#include <cstddef>

namespace rnn_rates::neural {

namespace {

/// Turns each trial's values into the sums over the other trials of its taste that do not overlap with it.
void sum_other_trials(Array<float, 3>& values, std::span<const std::uint32_t> trial_taste,
                      std::span<const std::vector<std::uint32_t>> overlapping) {
  const std::size_t tastes =
      trial_taste.empty() ? 0 : std::size_t{1} + *std::max_element(trial_taste.begin(), trial_taste.end());
  const std::size_t per_trial = values.extent(1) * values.extent(2);
  const Array<float, 3> own = overlapping.empty() ? Array<float, 3>() : values;
  Array<float, 2> sums({tastes, per_trial});
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums(trial_taste[i / per_trial], i % per_trial) += values.values()[i];
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values.values()[i] = sums(trial_taste[i / per_trial], i % per_trial) - values.values()[i];
  }
  for (std::size_t trial = 0; trial < overlapping.size(); ++trial) {
    for (const std::uint32_t other : overlapping[trial]) {
      if (trial_taste[other] != trial_taste[trial]) continue;
      for (std::size_t i = 0; i < per_trial; ++i)
        values.values()[trial * per_trial + i] -= own.values()[other * per_trial + i];
    }
  }
}

}  // namespace

Array<float, 3> predict_trial_average(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                      std::span<const std::uint32_t> trial_taste, double bin_ms,
                                      std::span<const std::vector<std::uint32_t>> overlapping,
                                      const KernelGrid& grid, const std::stop_token& stop) {
  SpikesSeen others = kept_counts(counts, hidden);
  sum_other_trials(others.spikes, trial_taste, overlapping);
  sum_other_trials(others.bins, trial_taste, overlapping);
  return kernel_rate_hz(counts, hidden, bin_ms,
                        choose_kernels(counts, hidden, bin_ms, grid, others, OwnBin::used, stop), others);
}

}  // namespace rnn_rates::neural
