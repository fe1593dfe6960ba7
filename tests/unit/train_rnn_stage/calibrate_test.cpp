#include "train_rnn/calibrate.hpp"

#include <doctest/doctest.h>
#include <time.h>

#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/fused_gru_engine.hpp"
#include "support/noise_counts.hpp"
#include "support/noise_data.hpp"
#include "train_rnn/cost.hpp"

using namespace rnn_rates;

namespace {

constexpr int steps = 60;

/// Of this thread, as others may use the core.
double processor_time_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double time_of_steps_s(rnn::Engine& engine) {
  engine.train_step();
  const double start = processor_time_s();
  for (int step = 0; step < steps; ++step) engine.train_step();
  return processor_time_s() - start;
}

/// What a fit is expected to take here.
double expected_s(config::TrainRnn settings, const artifact::FitOutline& fit) {
  settings.train.steps = steps;
  settings.train.batch = 0;
  settings.train.validate_every = 1000000;
  return train_rnn::step_time_ratio(settings.model.kind) *
         train_rnn::expected_cost("", fit, settings, {.engine = EngineKind::fused}).cost_s;
}

}  // namespace

TEST_CASE("the expected time of a masked GRU's training holds on this machine, within a factor of three") {
  config::TrainRnn settings;
  settings.model.hidden_size = 24;
  settings.model.rank = 8;
  const rnn::GruShape shape{.units = 25, .hidden = 24, .directions = 2, .rank = 8};
  const auto engine =
      rnn::make_fused_gru_engine(shape, {.dropout = settings.model.dropout},
                                 test::noise_counts(25, 80, 48, 1), {}, test::start_weights(shape, 1));
  const double ratio = time_of_steps_s(*engine) / expected_s(settings, {"", 25, 48, 80, 20, 1});
  CHECK(ratio > 1.0 / 3);
  CHECK(ratio < 3);
}

TEST_CASE("the expected time of an autoencoder's training holds on this machine, within a factor of three") {
  config::TrainRnn settings;
  settings.model = {.kind = NetworkKind::autoencoder, .hidden_size = 12, .layers = 2, .dropout = 0.2};
  const rnn::NetworkShape shape{22, 12, 20, 2};
  const auto engine = rnn::make_fused_engine(shape, {.dropout = 0.2}, test::noise_data(shape, 80, 48, 1), {},
                                             rnn::initial_weights(shape, 1));
  const double ratio = time_of_steps_s(*engine) / expected_s(settings, {"", 25, 48, 80, 20, 1});
  CHECK(ratio > 1.0 / 3);
  CHECK(ratio < 3);
}
