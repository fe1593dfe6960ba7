#include "train_rnn/train_fit.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "core/random.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using train_rnn::train_fit;

namespace {

inference::ReducedSession noise_session() {
  inference::ReducedSession session;
  for (int edge = 0; edge <= 20; ++edge) session.bin_edges_ms.push_back(25.0 * edge);
  session.stim_ms = 100;
  inference::ReducedFit fit;
  fit.region = "all";
  fit.taste = "0";
  fit.trial_taste.assign(6, 0);
  fit.train_trials = {0, 1, 2, 3};
  fit.test_trials = {4, 5};
  fit.scores = Array<float, 3>({6, 20, 3});
  RandomStream random(1);
  for (float& value : fit.scores.values()) value = static_cast<float>(random.normal());
  session.fits.push_back(fit);
  return session;
}

config::Config short_training() {
  return config::load(RNN_RATES_SOURCE_DIR "/configs/reference.toml",
                      {"train.steps=40", "train.validate_every=10"});
}

inference::FitModel train(const inference::ReducedSession& session, const config::Config& config,
                          const std::optional<artifact::FitCheckpoint>& checkpoint,
                          const train_rnn::FitHooks& hooks) {
  const train_rnn::Network network{&session.fits[0], std::nullopt};
  return train_fit(train_rnn::make_problem(session, nullptr, network, config.train_rnn,
                                           train_rnn::choose_engine(config.execution)),
                   config.train_rnn, config.execution.checkpoint_every_s, checkpoint, hooks);
}

const train_rnn::FitHooks quiet{.after_step = [](double, double) {}, .save = [](const auto&) {}};

inference::FitModel train(const inference::ReducedSession& session, const config::Config& config) {
  return train(session, config, {}, quiet);
}

}  // namespace

TEST_CASE("a training that cannot but diverge ends with the step after three halvings") {
  inference::ReducedSession session = noise_session();
  session.fits[0].scores(0, 10, 1) = std::numeric_limits<float>::infinity();
  test::expect_error(ErrorKind::numerical,
                     {"step 1", "norm of the weights is", "halved 3 times", "train.learning_rate"},
                     [&] { train(session, short_training()); });
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
      model = train(noise_session(), config);
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
  const inference::ReducedSession session = noise_session();
  const config::Config config = short_training();
  const inference::FitModel expected = train(session, config);
  config::Config saving = config;
  saving.execution.checkpoint_every_s = 0;
  std::vector<artifact::FitCheckpoint> checkpoints;
  const train_rnn::FitHooks hooks{.after_step = [](double, double) {},
                                  .save = [&](const auto& checkpoint) { checkpoints.push_back(checkpoint); }};
  train(session, saving, {}, hooks);
  REQUIRE(checkpoints.size() == 3);
  for (const auto& checkpoint : checkpoints) {
    const inference::FitModel continued = train(session, config, checkpoint, quiet);
    for (std::size_t i = 0; i < expected.last_weights.size(); ++i) {
      CHECK(continued.last_weights[i].values == expected.last_weights[i].values);
      CHECK(continued.best_weights[i].values == expected.best_weights[i].values);
    }
    CHECK(continued.train_loss == expected.train_loss);
    CHECK(continued.validation_loss == expected.validation_loss);
  }
}
