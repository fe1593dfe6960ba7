#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::neural {

// Rates are (trial, unit, bin) in Hz. What a prediction is compared with is either true rates, where they are
// known, or observed counts as rates (rate_hz in neural/rates.hpp). Arrays of different shapes throw
// Error(bug).

/// Coefficients of determination about each unit's mean over trials and bins.
struct R2 {
  double pooled;                 ///< 1 - squared error over all units / squared deviation over all units
  double unit_mean;              ///< mean of `per_unit` over the units that vary
  std::vector<double> per_unit;  ///< (unit) NaN for a unit that does not vary
};
R2 r2(const Array<float, 3>& predicted_hz, const Array<float, 3>& truth_hz);

/// R2::pooled of a prediction with these sums (unit) of squared errors over trials and bins.
double pooled_r2(std::span<const double> squared_errors, const Array<float, 3>& truth_hz);

/// How much better the prediction codes the spikes than each unit's mean rate does, in bits per spike:
/// (LL(prediction) - LL(mean rates)) / (spikes ln 2) with Poisson log-likelihoods (Pei et al. 2021, Neural
/// Latents Benchmark). Predictions are raised to `floor_hz` > 0, as linear read-outs go below 0. With true
/// rates for `observed_hz` it is the expectation over Poisson spikes drawn from them. NaN where there are no
/// spikes.
double bits_per_spike(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                      double floor_hz = 0.1);

/// Bits per spike as above, also of each unit and of part of the entries.
struct BitsPerSpike {
  double pooled;                 ///< over the spikes of all units
  std::vector<double> per_unit;  ///< (unit) NaN for a unit without spikes among the entries
};

/// Entries whose `observed_hz` is NaN were not observed and do not count. Only the entries that `scored`
/// (trial, unit, bin) marks with 1 count, such as those hidden from the method
/// that predicted them, in the mean rates too; all if it is empty.
BitsPerSpike bits_per_spike_of(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                               const Array<std::uint8_t, 3>& scored = {}, double floor_hz = 0.1);

/// What a prediction says of some of the spikes, against each unit's mean rate over all of them. Both add up.
struct Information {
  double bits = 0;
  double spikes = 0;  ///< as sums of `observed_hz`
};

/// bits_per_spike_of() before the division, of each run of entries that has any scored: `run_of` (trial, bin)
/// tells which.
std::vector<Information> information_of_runs(const Array<float, 3>& predicted_hz,
                                             const Array<float, 3>& observed_hz,
                                             const Array<std::uint8_t, 3>& scored,
                                             const Array<std::uint32_t, 2>& run_of, double floor_hz = 0.1);

double bits_per_spike(std::span<const Information> runs);

/// Standard error of bits_per_spike() over independent runs, which are left out one after the other
/// (jackknife: Efron and Stein 1981, Annals of Statistics 9: 586-596). NaN for a single run.
double bits_per_spike_error(std::span<const Information> runs);

/// Mean over the trials of each taste: (taste, unit, bin) for tastes 0 to `tastes` - 1 of `trial_taste`
/// (trial). Rates that are NaN, not observed, are left out; NaN where that leaves none.
Array<float, 3> mean_per_taste(const Array<float, 3>& rates_hz, std::span<const std::uint32_t> trial_taste,
                               std::size_t tastes);

/// The trial average as a prediction of single trials: each trial's rates are the mean of the other trials of
/// its taste (leave-one-out); NaN for the only trial of a taste. All rates were observed.
Array<float, 3> mean_of_other_trials(const Array<float, 3>& rates_hz,
                                     std::span<const std::uint32_t> trial_taste);

}  // namespace rnn_rates::neural
