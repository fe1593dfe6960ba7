#include "rnn/trainer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;

namespace {

/// Weights and moments that depend on all of the state before; validation losses by step from a script.
class ScriptedEngine final : public Engine {
 public:
  explicit ScriptedEngine(std::vector<double> validation) : validation_(std::move(validation)) {}

  double train_step() override {
    const double loss = state_.step == diverges_at ? std::numeric_limits<double>::infinity()
                                                   : static_cast<double>(state_.weights[0]) + 1.0;
    ++state_.step;
    state_.moment1[0] = 0.5f * state_.moment1[0] + state_.weights[0];
    state_.moment2[0] += 0.25f * state_.moment1[0];
    state_.weights[0] = std::cos(state_.moment2[0] + static_cast<float>(state_.step));
    if (state_.step > breaks_at) state_.weights[0] = std::numeric_limits<float>::infinity();
    return loss;
  }
  double validation_loss() override { return validation_.at(state_.step); }
  TrainingState state() const override { return state_; }
  void restore(const TrainingState& state) override {
    REQUIRE(state.moment1.size() == state.weights.size());
    REQUIRE(state.moment2.size() == state.weights.size());
    state_ = state;
  }

  std::uint32_t diverges_at = 1000;
  std::uint32_t breaks_at = 1000;

 private:
  std::vector<double> validation_;
  TrainingState state_;
};

TrainingProgress new_fit() {
  TrainingProgress progress;
  progress.current.weights = {0.25f};
  return progress;
}

/// Validation losses by step, for a validation every second step.
std::vector<double> every_second(const std::vector<double>& losses) {
  std::vector<double> by_step(1, 0.0);
  for (const double loss : losses) by_step.insert(by_step.end(), {std::nan(""), loss});
  return by_step;
}

void check_equal(const TrainingProgress& found, const TrainingProgress& expected) {
  CHECK(found.current.step == expected.current.step);
  CHECK(found.current.weights == expected.current.weights);
  CHECK(found.current.moment1 == expected.current.moment1);
  CHECK(found.current.moment2 == expected.current.moment2);
  CHECK(found.best_weights == expected.best_weights);
  CHECK(found.best_step == expected.best_step);
  CHECK(found.best_validation_loss == expected.best_validation_loss);
  CHECK(found.validations_without_gain == expected.validations_without_gain);
  CHECK(found.train_loss == expected.train_loss);
  CHECK(found.validation_steps == expected.validation_steps);
  CHECK(found.validation_loss == expected.validation_loss);
  CHECK(found.stopped_early == expected.stopped_early);
}

std::string message_of(ScriptedEngine& engine) {
  TrainingProgress progress = new_fit();
  try {
    train(engine, {10, 2, 0}, progress, {});
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::numerical);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("training validates after every second step and keeps the best weights and the last ones") {
  ScriptedEngine engine(every_second({3.0, 1.0, 2.0, 1.5}));
  TrainingProgress progress = new_fit();
  std::vector<float> weights_at_4;
  CHECK(train(engine, {9, 2, 10}, progress, [&](const TrainingProgress& now) {
    if (now.current.step == 4) weights_at_4 = engine.state().weights;
    return true;
  }));
  CHECK(progress.current.step == 9);
  CHECK(progress.current.weights == engine.state().weights);
  CHECK(progress.train_loss.size() == 9);
  CHECK(progress.train_loss[0] == 1.25f);
  CHECK(progress.validation_steps == std::vector<std::uint32_t>{2, 4, 6, 8});
  CHECK(progress.validation_loss == std::vector<float>{3.0f, 1.0f, 2.0f, 1.5f});
  CHECK(progress.best_step == 4);
  CHECK(progress.best_weights == weights_at_4);
  CHECK(progress.best_weights != progress.current.weights);
  CHECK_FALSE(progress.stopped_early);
}

TEST_CASE("the start can be the best, where validations follow") {
  const auto script = [](double at_start) {
    std::vector<double> by_step = every_second({3.0, 1.0, 2.0});
    by_step[0] = at_start;
    return by_step;
  };
  ScriptedEngine better(script(0.5)), worse(script(1.5));
  TrainingProgress from_better = new_fit(), from_worse = new_fit(), too_short = new_fit();
  TrainerOptions options{.steps = 6, .validate_every = 2, .patience = 0, .validate_start = true};
  CHECK_FALSE(train(better, options, from_better, [](const TrainingProgress&) { return false; }));
  CHECK(train(better, options, from_better, {}));
  CHECK(from_better.validation_steps == std::vector<std::uint32_t>{0, 2, 4, 6});
  CHECK(from_better.best_step == 0);
  CHECK(from_better.best_weights == new_fit().current.weights);
  train(worse, options, from_worse, {});
  CHECK(from_worse.best_step == 4);
  CHECK(from_worse.train_loss == from_better.train_loss);
  options.steps = 1;
  ScriptedEngine again(script(0.5));
  train(again, options, too_short, {});
  CHECK(too_short.best_weights.empty());
}

TEST_CASE("training stops when patience validations in a row bring no gain; an equal loss is no gain") {
  const auto script = every_second({3.0, 4.0, 2.0, 2.0, 5.0, 2.5, 1.0, 1.0});
  TrainingProgress progress = new_fit();
  ScriptedEngine engine(script);
  CHECK(train(engine, {16, 2, 3}, progress, {}));
  CHECK(progress.stopped_early);
  CHECK(progress.current.step == 12);
  CHECK(progress.best_step == 6);
  CHECK(progress.validations_without_gain == 3);

  TrainingProgress patient = new_fit();
  CHECK(train(engine, {16, 2, 0}, patient, {}));
  CHECK_FALSE(patient.stopped_early);
  CHECK(patient.current.step == 16);
  CHECK(patient.best_step == 14);
}

TEST_CASE("training paused at any step and continued by a new engine equals training in one go") {
  const auto script = every_second({3.0, 2.0, 2.5, 1.0, 1.5, 1.5, 1.5, 0.5});
  const TrainerOptions options{16, 2, 3};
  TrainingProgress expected = new_fit();
  ScriptedEngine uninterrupted(script);
  CHECK(train(uninterrupted, options, expected, {}));
  CHECK(expected.current.step == 14);
  for (std::uint32_t pause = 1; pause <= 15; ++pause) {
    CAPTURE(pause);
    TrainingProgress progress = new_fit();
    ScriptedEngine first(script), second(script);
    const bool done = train(first, options, progress,
                            [&](const TrainingProgress& now) { return now.current.step != pause; });
    CHECK(done == (pause >= 14));
    CHECK(progress.current.step == std::min(pause, 14u));
    CHECK(train(second, options, progress, {}));
    check_equal(progress, expected);
  }
}

TEST_CASE("a loss that is not finite ends the training with the step and the loss") {
  ScriptedEngine training(every_second({3.0, 2.0, 2.0, 2.0, 2.0}));
  training.diverges_at = 4;
  const std::string message = message_of(training);
  CHECK(message.find("training loss at step 5 is inf") != std::string::npos);
  const TrainingState state = training.state();
  CHECK(message.find(
            fmt::format("the norm of the weights is {:.3g} and that of the gradients' running mean {:.3g}",
                        std::abs(state.weights[0]), std::abs(state.moment1[0]))) != std::string::npos);

  ScriptedEngine validating(every_second({3.0, std::nan("")}));
  CHECK(message_of(validating).find("validation loss at step 4 is nan") != std::string::npos);
}

TEST_CASE("weights that are not finite end the training though the loss is fine") {
  ScriptedEngine engine(every_second({3.0, 2.0, 2.0, 2.0, 2.0}));
  engine.breaks_at = 9;
  const std::string message = message_of(engine);
  CHECK(message.find("weights are no longer finite after step 10, where the norm of the weights is inf") !=
        std::string::npos);
}
