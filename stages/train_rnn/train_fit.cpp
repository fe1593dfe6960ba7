#include "train_rnn/train_fit.hpp"

#include <chrono>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/stop.hpp"
#include "rnn/trainer.hpp"

namespace rnn_rates::train_rnn {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_halvings = 3;

void check_resumable(const artifact::FitCheckpoint& checkpoint, std::size_t weights) {
  const std::size_t found = checkpoint.progress.current.weights.size();
  if (found == weights) return;
  throw Error(ErrorKind::input,
              "the checkpoint holds {} weights, the network has {}: start over with --force", found, weights);
}

/// Runs the steps of a fit, with pauses for checkpoints, stops and divergence.
class Training {
 public:
  Training(const Problem& problem, const config::Train& settings, double checkpoint_every_s,
           const FitHooks& hooks)
      : problem_(problem), settings_(settings), checkpoint_every_s_(checkpoint_every_s), hooks_(hooks) {
    progress_.current.weights = problem.initial_weights;
  }

  void go_on_from(const artifact::FitCheckpoint& checkpoint) {
    check_resumable(checkpoint, problem_.initial_weights.size());
    progress_ = checkpoint.progress;
    halved_at_steps_ = checkpoint.halved_at_steps;
  }

  void run() {
    auto engine = new_engine();
    for (;;) {
      const rnn::TrainingProgress last_good = progress_;
      try {
        const bool complete =
            rnn::train(*engine, options(), progress_, [&](const auto& now) { return go_on(now); });
        if (complete) return;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::numerical) throw;
        if (halved_at_steps_.size() == most_halvings) {
          throw Error(error.kind(), "{} (the learning rate was halved {} times before, for the same reason)",
                      error.what(), most_halvings);
        }
        progress_ = last_good;
        halved_at_steps_.push_back(progress_.current.step);
        engine = new_engine();
      }
      save_if_due();
    }
  }

  const rnn::TrainingProgress& progress() const { return progress_; }
  const std::vector<std::uint32_t>& halved_at_steps() const { return halved_at_steps_; }

 private:
  std::unique_ptr<rnn::Engine> new_engine() const {
    const auto halvings = static_cast<int>(halved_at_steps_.size());
    return problem_.make_engine(std::ldexp(settings_.learning_rate, -halvings), progress_.current.weights);
  }

  rnn::TrainerOptions options() const {
    return {.steps = problem_.steps,
            .validate_every = static_cast<std::uint32_t>(settings_.validate_every),
            .patience = static_cast<std::uint32_t>(settings_.patience),
            .validate_start = problem_.starts_from_mean};
  }

  /// Pauses after each validation, which makes it the state to go back to, and for stops.
  bool go_on(const rnn::TrainingProgress& now) const {
    hooks_.after_step(now.train_loss.back(), now.validation_loss.empty()
                                                 ? std::numeric_limits<double>::quiet_NaN()
                                                 : now.validation_loss.back());
    return now.current.step % options().validate_every != 0 && !stop_requested();
  }

  void save_if_due() {
    const bool stop = stop_requested();
    const std::chrono::duration<double> since = Clock::now() - last_saved_;
    if (!stop && since.count() < checkpoint_every_s_) return;
    hooks_.save({problem_.engine.kind, problem_.engine.isa, progress_, halved_at_steps_});
    last_saved_ = Clock::now();
    if (stop) {
      throw Error(ErrorKind::stopped, "stopped by {} after step {}, checkpoint saved: run again to continue",
                  stop_reason(), progress_.current.step);
    }
  }

  const Problem& problem_;
  const config::Train& settings_;
  double checkpoint_every_s_;
  const FitHooks& hooks_;
  rnn::TrainingProgress progress_;
  std::vector<std::uint32_t> halved_at_steps_;
  Clock::time_point last_saved_ = Clock::now();
};

std::vector<inference::NamedTensor> named_tensors(const std::vector<rnn::Parameter>& parameters,
                                                  const std::vector<float>& weights) {
  std::vector<inference::NamedTensor> tensors;
  for (const rnn::Parameter& parameter : parameters) {
    const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset);
    tensors.push_back(
        {parameter.name, parameter.shape, {begin, begin + static_cast<std::ptrdiff_t>(parameter.size())}});
  }
  return tensors;
}

std::vector<std::string> warnings_of(const inference::FitModel& model) {
  std::vector<std::string> warnings;
  if (std::isnan(model.final_validation_loss)) {
    warnings.push_back(
        "too few trials to hold any out, or nothing recorded in them: validation used the training trials");
  } else if (model.network == NetworkKind::autoencoder &&
             model.final_train_loss > model.final_validation_loss) {
    // The Python program warns of this too, but compares losses with dropout.
    warnings.push_back(fmt::format(
        "the final loss on training trials, {:.4g}, is greater than that on held-out ones, {:.4g}: the "
        "held-out trials may be unlike the others. Another seed draws another split.",
        model.final_train_loss, model.final_validation_loss));
  }
  if (model.best_step == 0 && !std::isnan(model.final_validation_loss)) {
    warnings.push_back(
        "held-out trials were predicted best at the start, by the units' mean rates: what the network learnt "
        "holds for its own trials only. More trials may help");
  }
  for (const std::uint32_t step : model.halved_at_steps) {
    warnings.push_back(
        fmt::format("training diverged; it went back to step {} with half the learning rate", step));
  }
  return warnings;
}

}  // namespace

inference::FitModel train_fit(const Problem& problem, const config::TrainRnn& settings,
                              double checkpoint_every_s,
                              const std::optional<artifact::FitCheckpoint>& checkpoint,
                              const FitHooks& hooks) {
  Training training(problem, settings.train, checkpoint_every_s, hooks);
  if (checkpoint) training.go_on_from(*checkpoint);
  training.run();

  const rnn::TrainingProgress& progress = training.progress();
  const std::vector<float>& last = progress.current.weights;
  const EngineChoice& engine = problem.engine;
  inference::FitModel model{
      .engine = std::string(word(engine.kind)) + (engine.isa.empty() ? "" : " " + engine.isa),
      .network = settings.model.kind,
      .seed = problem.seed,
      .forecast_bins = static_cast<std::uint32_t>(problem.forecast_bins),
      .input_mean = problem.input_mean,
      .input_scale = problem.input_scale};
  if (settings.model.kind == NetworkKind::masked_gru)
    model.mask =
        rnn::MaskOptions{static_cast<std::uint32_t>(settings.mask.block_bins), settings.mask.probability};
  model.last_weights = named_tensors(problem.parameters, last);
  model.best_weights =
      named_tensors(problem.parameters, progress.best_weights.empty() ? last : progress.best_weights);
  model.best_step = progress.best_weights.empty() ? progress.current.step : progress.best_step;
  model.train_loss = progress.train_loss;
  model.validation_steps = progress.validation_steps;
  model.validation_loss = progress.validation_loss;
  model.train_trials = problem.train_trials;
  model.test_trials = problem.test_trials;
  model.stopped_early = progress.stopped_early;
  model.halved_at_steps = training.halved_at_steps();
  model.final_train_loss = static_cast<float>(problem.train_loss(last));
  model.final_validation_loss = static_cast<float>(problem.held_out_loss(last));
  model.warnings = warnings_of(model);
  return model;
}

}  // namespace rnn_rates::train_rnn
