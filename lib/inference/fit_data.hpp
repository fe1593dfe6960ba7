#pragma once

#include <cstdint>
#include <span>

#include "core/array.hpp"
#include "core/choices.hpp"
#include "inference/reduced_fit.hpp"
#include "neural/binning.hpp"
#include "neural/chop.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::inference {

/// What the networks of one fit read and predict: built once, passed on as const.
struct FitData {
  ReducedFit fit;
  neural::BinGrid grid;
  Array<std::uint16_t, 3> counts = {};  ///< (trial, unit, bin)
  neural::Observed observed = {};       ///< (trial, unit, bin) empty where everything was

  double bin_ms() const { return grid.bin_ms; }
  double window_ms() const { return static_cast<double>(grid.window_ms()); }
  /// The stretches of `bins` bins of these trials that a network reads; without chops, the trials.
  neural::Chops chops(std::span<const std::uint32_t> trials, std::size_t bins) const {
    return neural::plan_chops(trials, 0, bins, fit.chop);
  }
  /// What a network of that kind is told beside the spikes, in training as in inference, (trial, context
  /// input, bin): trials' numbers from 0 to 1 for the autoencoder, from -0.5 to 0.5 for the masked GRU.
  Array<float, 3> context(NetworkKind network) const;
  /// True where every trial is held out by one of several networks.
  bool folds_over_trials() const {
    return !fit.folds.empty() && fit.folds.over == neural::Folds::Over::trials;
  }
};

/// From the counts of each taste of the session, (trial, unit, bin) with all its units, its bins, and what
/// was observed, likewise; empty where everything was. Without tastes there are no counts, which the
/// autoencoder does not read.
FitData make_fit_data(ReducedFit fit, const neural::BinGrid& grid,
                      std::span<const Array<std::uint16_t, 3>> taste_counts,
                      std::span<const neural::Observed> taste_observed = {});

}  // namespace rnn_rates::inference
