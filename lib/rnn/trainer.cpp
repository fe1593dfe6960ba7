#include "rnn/trainer.hpp"

#include <cmath>

#include "core/error.hpp"

namespace rnn_rates::rnn {
namespace {

float checked_loss(double loss, const char* which, std::uint32_t step) {
  if (!std::isfinite(loss))
    throw Error(
        ErrorKind::numerical,
        "training diverged: the {} loss at step {} is {}; lower train.learning_rate or check the data "
        "for extreme values",
        which, step, loss);
  return static_cast<float>(loss);
}

void validate(Engine& engine, const TrainerOptions& options, FitProgress& progress) {
  const std::uint32_t step = progress.current.step;
  const double loss = engine.validation_loss();
  const float rounded = checked_loss(loss, "validation", step);
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

bool train(Engine& engine, const TrainerOptions& options, FitProgress& progress,
           const AfterStep& after_step) {
  const auto complete = [&] { return progress.stopped_early || progress.current.step >= options.steps; };
  if (complete()) return true;
  progress.current.moment1.resize(progress.current.weights.size());
  progress.current.moment2.resize(progress.current.weights.size());
  engine.restore(progress.current);
  bool go_on = true;
  while (go_on && !complete()) {
    const double loss = engine.train_step();
    const std::uint32_t step = ++progress.current.step;
    progress.train_loss.push_back(checked_loss(loss, "training", step));
    if (step % options.validate_every == 0) validate(engine, options, progress);
    go_on = !after_step || after_step(progress);
  }
  progress.current = engine.state();
  return complete();
}

}  // namespace rnn_rates::rnn
