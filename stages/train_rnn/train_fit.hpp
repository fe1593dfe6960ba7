#pragma once

#include <functional>
#include <optional>

#include "artifact/checkpoint_file.hpp"
#include "artifact/model_file.hpp"
#include "config/config.hpp"
#include "train_rnn/problem.hpp"

namespace rnn_rates::train_rnn {

/// What a fit tells while it trains.
struct FitHooks {
  /// After every step, with the latest losses (validation NaN before the first).
  std::function<void(double train_loss, double validation_loss)> after_step;
  /// Keeps a checkpoint: every `checkpoint_every_s` seconds, and when a stop was requested.
  std::function<void(const artifact::FitCheckpoint&)> save;
};

/// Trains one network, from the start or from a checkpoint; both give the same model. Where a loss is not
/// finite it goes back to the last validation and halves the learning rate, three times at most. Throws
/// Error(numerical) if it still diverges, Error(stopped) after saving where a stop was requested,
/// Error(usage) for a device that is not there, Error(input) for a checkpoint of the other engine.
inference::FitModel train_fit(const Problem& problem, const config::TrainRnn& settings,
                              double checkpoint_every_s,
                              const std::optional<artifact::FitCheckpoint>& checkpoint,
                              const FitHooks& hooks);

}  // namespace rnn_rates::train_rnn
