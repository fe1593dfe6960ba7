#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "artifact/rates_file.hpp"
#include "core/array.hpp"
#include "neural/stacking.hpp"

namespace rnn_rates::infer_write {

/// What the rates are combined from, if it is there, the network first.
constexpr std::array<std::string_view, 4> combined_methods = {"rnn", "gpfa", "gaussian", "trial_average"};

/// Stacks of methods for one fit.
struct Combination {
  neural::Stack all;                 ///< from the held-out predictions of all trials
  std::vector<neural::Stack> folds;  ///< (fold) without the trials of the fold
};

/// Fits those stacks of `combination`, empty to begin with, that it does not have yet; where Error(stopped)
/// is thrown it has those so far. `held_out_hz` (method) holds rates (trial, unit, bin) in Hz, each predicted
/// while its entry was hidden; `trial_fold` (trial) names folds, of which there are 2 at least.
void fit_combination(std::span<const Array<float, 3>> held_out_hz, const Array<std::uint16_t, 3>& counts,
                     std::span<const std::uint32_t> trial_fold, double bin_ms, std::size_t threads,
                     Combination& combination);

/// Rates (trial, unit, bin) in Hz by the stack of each trial's fold.
Array<float, 3> out_of_fold_hz(const Combination& combination, std::span<const Array<float, 3>> rates_hz,
                               std::span<const std::uint32_t> trial_fold);

/// Combines the network's rates with those of the other methods, `others_hz` (method) arrays (trial, unit,
/// bin) in Hz of what saw the trial's spikes, but learned nothing from it. The variance of a log rate is the
/// network's, from its folds, plus that between the methods, as in model averaging (Hoeting, Madigan,
/// Raftery, Volinsky 1999, Statistical Science 14: 382-417), the other methods' own being taken for the
/// network's. A unit without spikes keeps the network's rate.
void combine(artifact::FitRates& rates, const Combination& combination,
             std::vector<Array<float, 3>> others_hz, double bin_ms);

}  // namespace rnn_rates::infer_write
