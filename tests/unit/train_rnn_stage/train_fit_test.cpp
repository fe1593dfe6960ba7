#include "train_rnn/train_fit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using train_rnn::train_fit;

namespace {

inference::FitData noise_fit() {
  inference::ReducedFit fit;
  fit.region = "all";
  fit.taste = "0";
  fit.trial_taste.assign(6, 0);
  fit.train_trials = {0, 1, 2, 3};
  fit.test_trials = {4, 5};
  fit.scores = Array<float, 3>({6, 20, 3});
  RandomStream random(1);
  for (float& value : fit.scores.values()) value = static_cast<float>(random.normal());
  return {.fit = std::move(fit), .grid = {.bin_ms = 25, .bins = 20, .stim_ms = 100}};
}

config::Config short_training() {
  return config::load(RNN_RATES_SOURCE_DIR "/configs/reference.toml",
                      {"train.steps=40", "train.validate_every=10"});
}

inference::FitModel train(const inference::FitData& fit, const config::Config& config,
                          const std::optional<artifact::FitCheckpoint>& checkpoint,
                          const train_rnn::FitHooks& hooks) {
  const train_rnn::Network network{&fit, std::nullopt};
  return train_fit(
      train_rnn::make_problem(network, config.train_rnn, train_rnn::choose_engine(config.execution)),
      config.train_rnn, config.execution.checkpoint_every_s, checkpoint, hooks);
}

const train_rnn::FitHooks quiet{.after_step = [](double, double) {}, .save = [](const auto&) {}};

inference::FitModel train(const inference::FitData& fit, const config::Config& config) {
  return train(fit, config, {}, quiet);
}

}  // namespace

TEST_CASE("a training that cannot but diverge ends with the step after three halvings") {
  inference::FitData fit = noise_fit();
  fit.fit.scores(0, 10, 1) = std::numeric_limits<float>::infinity();
  test::expect_error(ErrorKind::numerical,
                     {"step 1", "norm of the weights is", "halved 3 times", "train.learning_rate"},
                     [&] { train(fit, short_training()); });
}

TEST_CASE("a divergence that a smaller learning rate avoids is survived and recorded") {
  // The squared error overflows single precision at some learning rate; half of it, or a quarter, is small
  // enough.
  config::Config config = short_training();
  config.train_rnn.train.steps = 2;
  config.train_rnn.train.validate_every = 2;
  inference::FitModel model;
  for (double rate = 1e2; model.halved_at_steps.empty() && rate < 1e30; rate *= 2) {
    config.train_rnn.train.learning_rate = rate;
    try {
      model = train(noise_fit(), config);
    } catch (const Error& error) {
      REQUIRE(error.kind() == ErrorKind::numerical);
    }
  }
  REQUIRE_FALSE(model.halved_at_steps.empty());
  CHECK(model.train_loss.size() == 2);
  bool warned = false;
  for (const std::string& warning : model.warnings)
    warned = warned || warning.find("diverged") != std::string::npos;
  CHECK(warned);
}

TEST_CASE("a training continued from any checkpoint gives the model of an undisturbed one") {
  const inference::FitData fit = noise_fit();
  const config::Config config = short_training();
  const inference::FitModel expected = train(fit, config);
  config::Config saving = config;
  saving.execution.checkpoint_every_s = 0;
  std::vector<artifact::FitCheckpoint> checkpoints;
  const train_rnn::FitHooks hooks{.after_step = [](double, double) {},
                                  .save = [&](const auto& checkpoint) { checkpoints.push_back(checkpoint); }};
  train(fit, saving, {}, hooks);
  REQUIRE(checkpoints.size() == 3);
  for (const auto& checkpoint : checkpoints) {
    const inference::FitModel continued = train(fit, config, checkpoint, quiet);
    for (std::size_t i = 0; i < expected.last_weights.size(); ++i) {
      CHECK(continued.last_weights[i].values == expected.last_weights[i].values);
      CHECK(continued.best_weights[i].values == expected.best_weights[i].values);
    }
    CHECK(continued.train_loss == expected.train_loss);
    CHECK(continued.validation_loss == expected.validation_loss);
  }
}

TEST_CASE("held-out trials in which nothing was recorded validate nothing") {
  const auto unrecorded = [](Array<float, 3>& scores) {
    for (const std::size_t trial : {std::size_t{4}, std::size_t{5}})
      std::fill_n(&scores(trial, 0, 0), 60, std::numeric_limits<float>::quiet_NaN());
  };
  inference::FitData scores = noise_fit();
  unrecorded(scores.fit.scores);
  inference::FitData counts = noise_fit();
  counts.fit.units = {0, 1, 2};
  counts.counts = Array<std::uint16_t, 3>({6, 3, 20});
  counts.observed = neural::Observed(counts.counts.shape(), 1);
  for (std::size_t i = 0; i < counts.counts.size(); ++i)
    counts.counts.values()[i] = static_cast<std::uint16_t>(i % 3 % 2);
  std::fill_n(&counts.observed(4, 0, 0), 2 * 60, std::uint8_t{0});
  config::Config gru =
      config::load(RNN_RATES_SOURCE_DIR "/configs/best.toml", {"train.steps=20", "train.validate_every=10"});
  for (const auto& [fit, config] : {std::pair{&scores, short_training()}, {&counts, gru}}) {
    const inference::FitModel model = train(*fit, config);
    CHECK(std::isnan(model.final_validation_loss));
    REQUIRE(model.warnings.size() == 1);
    CHECK(model.warnings[0].find("nothing recorded in them") != std::string::npos);
    for (const float loss : model.validation_loss) CHECK(loss > 0);
  }
}
