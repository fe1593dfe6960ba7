#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::neural {

/// What the network of one fit reads and what it shall answer: row b of `targets` holds the components
/// forecast_bins after row b of `inputs`.
struct FitInputs {
  Array<float, 3> inputs;   ///< (bin, trial, component + 2): components, stimulus pulse, trial number
  Array<float, 3> targets;  ///< (bin, trial, component)
};

/// The forecast horizon in bins. Throws Error(config) unless `forecast_ms` is a whole number of bins, at
/// least one, and fewer than the window's `bins`. The Python program rounds a shorter horizon to 0 and then
/// trains on nothing.
std::size_t forecast_bins(double forecast_ms, double bin_ms, std::size_t bins);

/// (trial) position of each trial among those of its taste, over the highest such position of the fit: 0 to
/// 1, and 0 throughout where no taste has two trials. `trial_taste` (trial) names each trial's taste, trials
/// in order of recording within a taste. With one taste this is the Python program's trial_num /
/// trial_num.max().
std::vector<double> scaled_trial_numbers(std::span<const std::uint32_t> trial_taste);

/// The same, centred: -0.5 to 0.5, as the masked GRU reads them.
std::vector<float> centred_trial_numbers(std::span<const std::uint32_t> trial_taste);

/// Inputs are bins 0 to T - k of `scores` (trial, bin, component) with the context, targets bins k to T,
/// where T is the number of bins and k = `forecast` >= 1. The stimulus input is 1 in bin `stim_bin` and 0
/// elsewhere (so 0 throughout where the stimulus falls into the last k bins); `trial_numbers` (trial) is
/// constant over bins.
FitInputs make_fit_inputs(const Array<float, 3>& scores, std::span<const double> trial_numbers,
                          std::size_t stim_bin, std::size_t forecast);

/// The trials `trials` of both arrays, in that order.
FitInputs select_trials(const FitInputs& fit, std::span<const std::uint32_t> trials);

}  // namespace rnn_rates::neural
