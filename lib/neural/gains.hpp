#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Spikes of each trial and unit, (trial, unit), over the entries that may be seen.
struct TrialTotals {
  Array<double, 2> counted;
  Array<double, 2> expected;  ///< by some method's rates
};

/// Of counts and rates in Hz, (trial, unit, bin), over what is not hidden.
TrialTotals trial_totals(const Array<std::uint16_t, 3>& counts, const Array<float, 3>& rates_hz,
                         const Hidden& hidden, double bin_ms);

/// (trial) where each trial stands in the order of recording, in trials: by the time of its stimulus where
/// that is known, and otherwise as if conditions took turns.
std::vector<double> places_in_session(std::span<const std::uint32_t> trial_condition,
                                      std::span<const double> trial_time_s);

/// Slow changes of units' gains across trials, (trial, unit), about 1. With n counted and m expected spikes,
/// K a Gaussian of `width` trials, c(i) the condition of trial i, and sums over the trials i that have a say
/// in the gain of trial j,
///   gain(j) = (prior + sum of K(i, j) n(i)) / (prior + sum of K(i, j) level(c(i)) m(i)),
///   level(c) = sum of n(i) / sum of m(i) over those of condition c,
/// the posterior mean of a gain whose gamma prior, of mean 1, weighs as much as `prior` spikes. No say have a
/// trial itself, those of `overlapping` that share spikes with it and those at the same place. So its gain
/// tells nothing of its own spikes. Nor does it tell its condition: a condition as a whole is at its own
/// level, so that only changes within conditions count, and trials at one place, which are of different
/// conditions, have the same gain. Where each condition came in one block, drift from block to block is no
/// gain. Width and prior are those under which totals of trials are most probable, of Poisson spikes; without
/// gains (1 throughout) where no pair wins more than two standard errors over trials. `places`,
/// `trial_condition` (trial).
Array<double, 2> estimate_gains(const TrialTotals& totals, std::span<const double> places,
                                std::span<const std::uint32_t> trial_condition,
                                std::span<const std::vector<std::uint32_t>> overlapping = {});

/// Multiplies rates (trial, unit, bin) with gains (trial, unit).
void multiply_gains(const Array<double, 2>& gains, Array<float, 3>& rates_hz);
void multiply_gains(const Array<double, 2>& gains, Array<double, 3>& counts);

}  // namespace rnn_rates::neural
