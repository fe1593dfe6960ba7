#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "core/choices.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/predict.hpp"
#include "neural/stacking.hpp"

namespace rnn_rates::inference {

/// Whether `method` is among what the network's rates are combined with.
bool is_combined_with(Method method, const SomeOf<CombineWith>& combine_with);

/// Stacks of methods for one fit with folds over trials.
struct Combination {
  std::vector<Method> methods;       ///< the network first
  neural::Stack all;                 ///< for the mean of the networks, from all trials
  std::vector<neural::Stack> folds;  ///< (fold) for the network of the fold, without its trials
  Array<float, 3> hidden_hz = {};    ///< (trial, unit, bin) hidden blocks, as by combined_hidden_hz()
};

/// Fits the stacks to what the network, and those of `combine_with` that have predicted, predicted of hidden
/// blocks. A single network has predicted each of them, while the published rates take the mean of all, whose
/// rates are `network`: so much more weight it is given (neural::StackTerms::ambiguity). Throws
/// Error(stopped) once `stop` is requested.
Combination fit_combination(const FitData& data, const FitRates& network, const Predictions& hidden,
                            const SomeOf<CombineWith>& combine_with, std::size_t threads,
                            const std::stop_token& stop = {});

/// The hidden blocks' rates (trial, unit, bin) in Hz, each trial by the stack of its fold.
Array<float, 3> combined_hidden_hz(const FitData& data, const Predictions& hidden,
                                   const Combination& combination);

/// Combines the network's rates with those of the other methods, which saw the trial's spikes but learned
/// nothing from it. The standard error of a log rate over the folds is the network's times its weight. A unit
/// without spikes keeps the network's rate.
FitRates combine(const FitData& data, FitRates network, const Predictions& hidden,
                 const Combination& combination);

}  // namespace rnn_rates::inference
