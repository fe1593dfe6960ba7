#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/predict.hpp"
#include "neural/stacking.hpp"

namespace rnn_rates::inference {

/// What rates are combined from, where it has predicted, the network first.
inline constexpr std::array combined_methods = {Method::rnn, Method::gpfa, Method::gaussian,
                                                Method::trial_average};
constexpr bool is_combined(Method method) {
  return std::find(combined_methods.begin(), combined_methods.end(), method) != combined_methods.end();
}

/// Stacks of methods for one fit with folds over trials.
struct Combination {
  std::vector<Method> methods;
  neural::Stack all;                 ///< from the held-out predictions of all trials
  std::vector<neural::Stack> folds;  ///< (fold) without the trials of the fold
};

/// Fits the stacks to what the methods have predicted of hidden blocks. Throws Error(stopped) once `stop`
/// is requested.
Combination fit_combination(const FitData& data, const Predictions& hidden, std::size_t threads,
                            const std::stop_token& stop = {});

/// The hidden blocks' rates (trial, unit, bin) in Hz, each trial by the stack of its fold.
Array<float, 3> combined_hidden_hz(const FitData& data, const Predictions& hidden,
                                   const Combination& combination);

/// Combines the network's rates with those of the other methods, which saw the trial's spikes but learned
/// nothing from it. The variance of a log rate is the network's, from its folds, plus that between the
/// methods, as in model averaging (Hoeting, Madigan, Raftery, Volinsky 1999, Statistical Science 14:
/// 382-417), the other methods' own being taken for the network's. A unit without spikes keeps the network's
/// rate.
FitRates combine(const FitData& data, FitRates network, const Predictions& hidden,
                 const Combination& combination);

}  // namespace rnn_rates::inference
