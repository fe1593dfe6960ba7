#include "rnn/trainer.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <string>

#include "core/error.hpp"

namespace rnn_rates::rnn {
namespace {

double norm(const std::vector<float>& values) {
  return std::sqrt(std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(),
                                         [](double value) { return value * value; }));
}

/// What went wrong, and how large weights and gradients are by now.
Error divergence(const std::string& what, const TrainingState& state) {
  return {ErrorKind::numerical,
          "training diverged: {}, where the norm of the weights is {:.3g} and that of the gradients' running "
          "mean {:.3g}; lower train.learning_rate or check the data for extreme values",
          what, norm(state.weights), norm(state.moment1)};
}

float checked_loss(double loss, const char* which, std::uint32_t step, const Engine& engine) {
  if (!std::isfinite(loss))
    throw divergence(fmt::format("the {} loss at step {} is {}", which, step, loss), engine.state());
  return static_cast<float>(loss);
}

/// An engine's bounded activations can hide weights that are not numbers from the loss.
void check_weights(const TrainingState& state) {
  if (!std::isfinite(norm(state.weights)))
    throw divergence(fmt::format("weights are no longer finite after step {}", state.step), state);
}

void validate(Engine& engine, const TrainerOptions& options, TrainingProgress& progress) {
  const std::uint32_t step = progress.current.step;
  const double loss = engine.validation_loss();
  const float rounded = checked_loss(loss, "validation", step, engine);
  if (progress.best_weights.empty() || loss < progress.best_validation_loss) {
    progress.best_weights = engine.state().weights;
    progress.best_step = step;
    progress.best_validation_loss = loss;
    progress.validations_without_gain = 0;
  } else {
    ++progress.validations_without_gain;
  }
  progress.validation_steps.push_back(step);
  progress.validation_loss.push_back(rounded);
  progress.stopped_early = options.patience > 0 && progress.validations_without_gain >= options.patience;
}

}  // namespace

bool train(Engine& engine, const TrainerOptions& options, TrainingProgress& progress,
           const AfterStep& after_step) {
  const auto complete = [&] { return progress.stopped_early || progress.current.step >= options.steps; };
  if (complete()) return true;
  progress.current.moment1.resize(progress.current.weights.size());
  progress.current.moment2.resize(progress.current.weights.size());
  engine.restore(progress.current);
  if (options.validate_start && progress.current.step == 0 && progress.validation_steps.empty() &&
      options.steps >= options.validate_every)
    validate(engine, options, progress);
  bool go_on = true;
  while (go_on && !complete()) {
    const double loss = engine.train_step();
    const std::uint32_t step = ++progress.current.step;
    progress.train_loss.push_back(checked_loss(loss, "training", step, engine));
    if (step % options.validate_every == 0) validate(engine, options, progress);
    go_on = !after_step || after_step(progress);
  }
  progress.current = engine.state();
  check_weights(progress.current);
  return complete();
}

}  // namespace rnn_rates::rnn
