#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/hidden.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::neural {

/// Rates (trial, unit, bin) in Hz as the averages of other trials of each condition, weighted by what the
/// trial's own spikes tell of its condition. With m_c the average of condition c, smoothed as for
/// predict_condition_average(), and y the trial's kept counts,
///
///   rate(u, t) = sum over c of p_c(t) m_c(u, t),  p_c(t) ~ n_c exp(1/2 sum over u and s <= t of
///                                                                   log Poisson(y(u, s); m_c(u, s)))
///
/// for n_c trials of the condition: Bayes' rule, with likelihoods halved as trials of a condition differ by
/// more than Poisson spikes do. No later spike has a say, so that a response tells nothing of the time before
/// it. Nor has the trial's label: `trial_condition` (trial) names the conditions of the trials that averages
/// are of, and trials are dealt into groups of one of each condition at most, which are left out together, so
/// that what is left out does not tell the label either. With a single condition, the average of the other
/// trials. `overlapping` is as for predict_condition_average().
Array<float, 3> predict_inferred_condition(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                           std::span<const std::uint32_t> trial_condition, double bin_ms,
                                           std::span<const std::vector<std::uint32_t>> overlapping = {},
                                           const KernelGrid& grid = {}, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
