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
/// K a Gaussian of `width` trials, and sums over the trials i that may have a say in that of trial j,
///   gain(j) = (prior + sum of K(i, j) n(i)) / (prior + ratio * sum of K(i, j) m(i)),  ratio = sum of n(i) /
///   sum of m(i),
/// the posterior mean of a gain whose gamma prior, of mean 1, weighs as much as `prior` spikes. No say have a
/// trial itself and those of `overlapping` that share spikes with it: a trial's gain tells nothing of its own
/// spikes. Width and prior are those under which totals of trials are most probable, of Poisson spikes;
/// without gains (1 throughout) where no pair wins more than two standard errors over trials. `places`
/// (trial).
Array<double, 2> estimate_gains(const TrialTotals& totals, std::span<const double> places,
                                std::span<const std::vector<std::uint32_t>> overlapping = {});

/// Multiplies rates (trial, unit, bin) with gains (trial, unit).
void multiply_gains(const Array<double, 2>& gains, Array<float, 3>& rates_hz);
void multiply_gains(const Array<double, 2>& gains, Array<double, 3>& counts);

}  // namespace rnn_rates::neural
