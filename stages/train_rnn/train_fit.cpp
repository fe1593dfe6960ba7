#include "train_rnn/train_fit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "core/stop.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "rnn/forward.hpp"
#include "rnn/network.hpp"
#include "rnn/trainer.hpp"

namespace rnn_rates::train_rnn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_halvings = 3;

/// What a fit is made of before its first step.
struct Problem {
  rnn::NetworkShape shape;
  std::size_t forecast_bins = 0;
  rnn::SequenceData train;
  rnn::SequenceData validation;
};

rnn::SequenceData as_sequence(neural::FitInputs inputs) {
  return {std::move(inputs.inputs), std::move(inputs.targets)};
}

Problem make_problem(const artifact::SessionScores& session, const artifact::FitScores& fit,
                     const config::Config& config) {
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  const std::size_t components = fit.scores.extent(2);
  Problem problem;
  problem.forecast_bins = neural::forecast_bins(config.train.forecast_ms, grid.bin_ms, grid.bins);
  const neural::FitInputs all = neural::make_fit_inputs(
      fit.scores, neural::scaled_trial_numbers(fit.trial_taste), grid.stim_bin(), problem.forecast_bins);
  problem.train = as_sequence(neural::select_trials(all, fit.train_trials));
  problem.validation = as_sequence(neural::select_trials(all, fit.test_trials));
  problem.shape = {components + 2, static_cast<std::size_t>(config.model.hidden_size), components,
                   static_cast<std::size_t>(config.model.layers)};
  return problem;
}

std::unique_ptr<rnn::Engine> engine_for(const EngineChoice& choice, const Problem& problem,
                                        const artifact::FitScores& fit, const config::Config& config,
                                        std::size_t halvings, const std::vector<float>& weights) {
  return make_engine(choice, problem.shape,
                     {.dropout = config.model.dropout,
                      .optimizer = {.learning_rate = std::ldexp(config.train.learning_rate,
                                                                -static_cast<int>(halvings))},
                      .seed = derive_seed(fit.seed, "dropout"),
                      .device = config.train.device},
                     problem.train, problem.validation, weights);
}

artifact::FitCheckpoint to_checkpoint(const EngineChoice& engine, const rnn::FitProgress& progress,
                                      const std::vector<std::uint32_t>& halved_at_steps) {
  return {.engine = engine.name,
          .isa = engine.isa,
          .step = progress.current.step,
          .weights = progress.current.weights,
          .moment1 = progress.current.moment1,
          .moment2 = progress.current.moment2,
          .best_weights = progress.best_weights,
          .best_step = progress.best_step,
          .best_validation_loss = progress.best_validation_loss,
          .validations_without_gain = progress.validations_without_gain,
          .train_loss = progress.train_loss,
          .validation_steps = progress.validation_steps,
          .validation_loss = progress.validation_loss,
          .halved_at_steps = halved_at_steps};
}

rnn::FitProgress to_progress(const artifact::FitCheckpoint& checkpoint) {
  return {.current = {checkpoint.step, checkpoint.weights, checkpoint.moment1, checkpoint.moment2},
          .best_weights = checkpoint.best_weights,
          .best_step = checkpoint.best_step,
          .best_validation_loss = checkpoint.best_validation_loss,
          .validations_without_gain = checkpoint.validations_without_gain,
          .train_loss = checkpoint.train_loss,
          .validation_steps = checkpoint.validation_steps,
          .validation_loss = checkpoint.validation_loss,
          .stopped_early = false};
}

void check_resumable(const artifact::FitCheckpoint& checkpoint, const EngineChoice& engine,
                     const rnn::NetworkShape& shape) {
  if (checkpoint.engine != engine.name) {
    throw Error(ErrorKind::input,
                "the checkpoint after step {} was made by the engine {}, this run uses {}: go on with "
                "--engine {}, or "
                "start anew with --force",
                checkpoint.step, checkpoint.engine, engine.name, checkpoint.engine);
  }
  if (checkpoint.weights.size() != rnn::parameter_count(shape)) {
    throw Error(ErrorKind::input,
                "the checkpoint holds {} weights, the network has {}: start anew with --force",
                checkpoint.weights.size(), rnn::parameter_count(shape));
  }
}

/// An engine's bounded activations can hide weights that are not numbers from the loss.
void check_finite(const std::vector<float>& weights) {
  if (std::all_of(weights.begin(), weights.end(), [](float weight) { return std::isfinite(weight); })) return;
  throw Error(ErrorKind::numerical,
              "training diverged: weights are no longer finite; lower train.learning_rate or check the data "
              "for extreme values");
}

/// Runs the steps of a fit, with pauses for checkpoints, stops and divergence.
class Training {
 public:
  Training(const Problem& problem, const artifact::FitScores& fit, const config::Config& config,
           const EngineChoice& choice, const FitHooks& hooks)
      : problem_(problem), fit_(fit), config_(config), choice_(choice), hooks_(hooks) {
    progress_.current.weights = rnn::initial_weights(problem.shape, derive_seed(fit.seed, "initial weights"));
  }

  void go_on_from(const artifact::FitCheckpoint& checkpoint) {
    check_resumable(checkpoint, choice_, problem_.shape);
    progress_ = to_progress(checkpoint);
    halved_at_steps_ = checkpoint.halved_at_steps;
  }

  void run() {
    auto engine = new_engine();
    for (;;) {
      const rnn::FitProgress last_good = progress_;
      try {
        const bool complete =
            rnn::train(*engine, options(), progress_, [&](const auto& now) { return go_on(now); });
        check_finite(progress_.current.weights);
        if (complete) return;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::numerical || halved_at_steps_.size() == most_halvings) throw;
        progress_ = last_good;
        halved_at_steps_.push_back(progress_.current.step);
        engine = new_engine();
      }
      save_if_due();
    }
  }

  const rnn::FitProgress& progress() const { return progress_; }
  const std::vector<std::uint32_t>& halved_at_steps() const { return halved_at_steps_; }

 private:
  std::unique_ptr<rnn::Engine> new_engine() const {
    return engine_for(choice_, problem_, fit_, config_, halved_at_steps_.size(), progress_.current.weights);
  }

  rnn::TrainerOptions options() const {
    return {.steps = static_cast<std::uint32_t>(config_.train.steps),
            .validate_every = static_cast<std::uint32_t>(config_.train.validate_every),
            .patience = static_cast<std::uint32_t>(config_.train.patience)};
  }

  /// Pauses after each validation, which makes it the state to go back to, and for stops.
  bool go_on(const rnn::FitProgress& now) const {
    hooks_.after_step(now.train_loss.back(), now.validation_loss.empty()
                                                 ? std::numeric_limits<double>::quiet_NaN()
                                                 : now.validation_loss.back());
    return now.current.step % options().validate_every != 0 && !stop_requested();
  }

  void save_if_due() {
    const bool stop = stop_requested();
    const std::chrono::duration<double> since = Clock::now() - last_saved_;
    if (!stop && since.count() < config_.checkpoint.every_s) return;
    hooks_.save(to_checkpoint(choice_, progress_, halved_at_steps_));
    last_saved_ = Clock::now();
    if (stop) {
      throw Error(ErrorKind::stopped, "stopped by {} after step {}, checkpoint saved: run again to go on",
                  stop_reason(), progress_.current.step);
    }
  }

  const Problem& problem_;
  const artifact::FitScores& fit_;
  const config::Config& config_;
  const EngineChoice& choice_;
  const FitHooks& hooks_;
  rnn::FitProgress progress_;
  std::vector<std::uint32_t> halved_at_steps_;
  Clock::time_point last_saved_ = Clock::now();
};

std::vector<artifact::NamedTensor> named_tensors(const rnn::NetworkShape& shape,
                                                 const std::vector<float>& weights) {
  std::vector<artifact::NamedTensor> tensors;
  for (const rnn::Parameter& parameter : rnn::parameters(shape)) {
    const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset);
    tensors.push_back(
        {parameter.name, parameter.shape, {begin, begin + static_cast<std::ptrdiff_t>(parameter.size())}});
  }
  return tensors;
}

/// Mean squared error of the network on `data` without dropout; NaN without trials.
float loss_without_dropout(const rnn::NetworkShape& shape, const std::vector<float>& weights,
                           const rnn::SequenceData& data) {
  const Array<float, 3> outputs = rnn::forward(shape, weights, data.inputs).outputs;
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double error = outputs.values()[i] - data.targets.values()[i];
    sum += error * error;
  }
  return static_cast<float>(sum / static_cast<double>(outputs.size()));
}

std::vector<std::string> warnings_of(const artifact::FitModel& model) {
  std::vector<std::string> warnings;
  if (model.test_trials.empty()) {
    warnings.push_back("too few trials to hold any out: validation used the training trials");
  } else if (model.final_train_loss > model.final_validation_loss) {
    // The Python program warns of this too, but compares losses with dropout.
    warnings.push_back(fmt::format(
        "the final loss on training trials, {:.4g}, is greater than that on held-out ones, {:.4g}: the "
        "held-out trials may be unlike the others. Another seed draws another split.",
        model.final_train_loss, model.final_validation_loss));
  }
  for (const std::uint32_t step : model.halved_at_steps) {
    warnings.push_back(
        fmt::format("training diverged; it went back to step {} with half the learning rate", step));
  }
  return warnings;
}

}  // namespace

artifact::FitModel train_fit(const artifact::SessionScores& session, const artifact::FitScores& fit,
                             const config::Config& config, const EngineChoice& engine,
                             const std::optional<artifact::FitCheckpoint>& checkpoint,
                             const FitHooks& hooks) {
  const Problem problem = make_problem(session, fit, config);
  Training training(problem, fit, config, engine, hooks);
  if (checkpoint) training.go_on_from(*checkpoint);
  training.run();

  const rnn::FitProgress& progress = training.progress();
  const std::vector<float>& last = progress.current.weights;
  artifact::FitModel model{.engine = engine.isa.empty() ? engine.name : engine.name + " " + engine.isa,
                           .seed = fit.seed,
                           .forecast_bins = static_cast<std::uint32_t>(problem.forecast_bins)};
  model.last_weights = named_tensors(problem.shape, last);
  model.best_weights =
      named_tensors(problem.shape, progress.best_weights.empty() ? last : progress.best_weights);
  model.best_step = progress.best_weights.empty() ? progress.current.step : progress.best_step;
  model.train_loss = progress.train_loss;
  model.validation_steps = progress.validation_steps;
  model.validation_loss = progress.validation_loss;
  model.train_trials = fit.train_trials;
  model.test_trials = fit.test_trials;
  model.stopped_early = progress.stopped_early;
  model.halved_at_steps = training.halved_at_steps();
  model.final_train_loss = loss_without_dropout(problem.shape, last, problem.train);
  model.final_validation_loss = loss_without_dropout(problem.shape, last, problem.validation);
  model.warnings = warnings_of(model);
  return model;
}

}  // namespace rnn_rates::train_rnn
