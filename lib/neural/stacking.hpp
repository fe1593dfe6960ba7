#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::neural {

/// How the rates of several methods make one: log rate = log of the unit's mean rate + shift + sum over
/// methods of weight * (log of the method's rate - log of the mean). Weights that sum to less than 1 draw the
/// rates towards the mean.
struct Stack {
  std::vector<double> weights;  ///< (method) 0 or more, with a sum of 1 at most
  double shift = 0;             ///< added to the log rate
  std::vector<double> mean_hz;  ///< (unit)
};

/// What a stack is fitted to beside the likelihood, in nats per spike.
struct StackTerms {
  /// Variance of the log rates of the networks whose mean the first method will be, but one of which has
  /// predicted for it: so much smaller is the squared error of their mean (Krogh & Vedelsby 1995, NIPS 7:
  /// 231-238). It lowers the misfit by weight^2 * ambiguity / 2.
  double ambiguity = 0;
  /// Raises the misfit by this / 2 * sum over methods of (weight - 1 / methods)^2.
  double towards_equal = 0;
};

/// Stacked generalisation (Wolpert 1992, Neural Networks 5: 241-259): the weights under which rates that each
/// method predicted without seeing the counts, `rates_hz` one array (trial, unit, bin) a method, give the
/// counts (trial, unit, bin) of the trials `trials` the largest Poisson likelihood, but for `terms`. Weights
/// are 0 or more, as they do best there (Breiman 1996, Machine Learning 24: 49-64). Their sum is 1 at most:
/// methods that miss different parts of what is hidden from all of them would earn a larger one, which would
/// exaggerate rates once they see the same spikes. A convex problem, solved by Newton steps. Rates are raised
/// to 0.1 Hz first; units without spikes say nothing, nor does what was not observed. Throws Error(bug) for
/// no or more than 8 methods, or where shapes differ, Error(stopped) between steps once `stop` is requested.
/// Steps begin at `start`, where it has weights, which spares some of them.
Stack fit_stack(std::span<const Array<float, 3>> rates_hz, const Array<std::uint16_t, 3>& counts,
                std::span<const std::uint32_t> trials, double bin_ms, const Observed& observed = {},
                const StackTerms& terms = {}, const Stack& start = {}, const std::stop_token& stop = {});

/// Which of the strengths 0, .003, .01, .03 and .1 of StackTerms::towards_equal gives weights that do best on
/// trials that they were not fitted to, each of `groups` in turn. Misfits are taken as quadratic around
/// `stack`, that of all groups without terms. Throws Error(stopped) between groups once `stop` is requested.
double choose_towards_equal(const Stack& stack, std::span<const std::vector<std::uint32_t>> groups,
                            std::span<const Array<float, 3>> rates_hz, const Array<std::uint16_t, 3>& counts,
                            double bin_ms, const Observed& observed = {}, const std::stop_token& stop = {});

/// Rates (trial, unit, bin) in Hz of the methods `rates_hz`, combined; 0 for a unit of mean 0.
Array<float, 3> stacked_rate_hz(const Stack& stack, std::span<const Array<float, 3>> rates_hz);

}  // namespace rnn_rates::neural
