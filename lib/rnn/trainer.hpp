#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rnn/engine.hpp"

namespace rnn_rates::rnn {

struct TrainerOptions {
  std::uint32_t steps = 15000;
  std::uint32_t validate_every = 100;
  std::uint32_t patience = 10;  ///< validations without gain before an early stop; 0: never
  /// Whether the initial weights are a candidate for the best ones, as those of a network that starts from
  /// the mean are. Only where validations follow.
  bool validate_start = false;
};

/// The state of a fit between two steps, enough to continue it exactly.
struct TrainingProgress {
  TrainingState current;
  std::vector<float>
      best_weights;  ///< at the lowest validation loss so far; empty before the first validation
  std::uint32_t best_step = 0;
  double best_validation_loss = 0.0;
  std::uint32_t validations_without_gain = 0;
  std::vector<float> train_loss;                ///< one a step, before its update
  std::vector<std::uint32_t> validation_steps;  ///< steps taken when validated; 0 for the initial weights
  std::vector<float> validation_loss;
  bool stopped_early = false;
};

/// Called after every step; return false to pause the training there, as for saving it: on return from
/// train() all of the progress is current, and train() with the same progress goes on. During the call only
/// the step number of `progress.current` is up to date. May be empty.
using AfterStep = std::function<bool(const TrainingProgress&)>;

/// Trains from `progress` (a new one holds only current.weights, the initial ones) until `options.steps` or
/// until patience is spent; a pause changes no number of the result. Returns true if the training is
/// complete, false if `after_step` paused it. Throws Error(numerical), naming the step and the norms of
/// weights and gradients, where a loss or, at a pause or the end, a weight is not finite; the progress cannot
/// be continued then.
bool train(Engine& engine, const TrainerOptions& options, TrainingProgress& progress,
           const AfterStep& after_step);

}  // namespace rnn_rates::rnn
