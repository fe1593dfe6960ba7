#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "neural/binning.hpp"

namespace rnn_rates::neural {

/// What the network of one fit reads and what it shall answer: row b of `targets` holds the components
/// forecast_bins after row b of `inputs`.
struct ForecastData {
  Array<float, 3> inputs;   ///< (bin, trial, input): components, then the context inputs
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

/// What networks are told beside the spikes, (trial, context input, bin): a pulse of 1 in bin `stim_bin`, the
/// trial's number of `trial_numbers` (trial) in every bin, and, unless `laser` (trial, bin) is empty, 1 in
/// the bins with laser.
Array<float, 3> context_inputs(std::span<const double> trial_numbers, std::size_t bins, std::size_t stim_bin,
                               const Array<std::uint8_t, 2>& laser);

/// (trial, bin) 1 in the bins during some part of which the laser was on. `laser_ms` (trial) says from when
/// to when, in ms from the stimulus; equal for never.
Array<std::uint8_t, 2> laser_bins(std::span<const std::array<double, 2>> laser_ms, const BinGrid& grid);

/// Inputs are bins 0 to T - k of `scores` (trial, bin, component) and of `context` (trial, context input,
/// bin), targets bins k to T of the scores, where T is the number of bins and k = `forecast` >= 1. So there
/// is no pulse where the stimulus falls into the last k bins.
ForecastData make_forecast_data(const Array<float, 3>& scores, const Array<float, 3>& context,
                                std::size_t forecast);

}  // namespace rnn_rates::neural
