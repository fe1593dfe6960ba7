#include <doctest/doctest.h>

#include "rnn/fused/fused_engine.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "support/expect_error.hpp"
#include "support/golden_network.hpp"
#include "support/noise_counts.hpp"
#include "support/sanitized.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;
using test::noise_counts;
using test::start_weights;

namespace {

struct Case {
  GruShape shape;
  std::size_t bins, trials, batch;
  double dropout;
};

const std::vector<Case> cases = {
    {{40, 32, 2, 16}, 120, 60, 32, 0.4},  // the preset
    {{40, 32, 1, 16}, 60, 20, 0, 0.4},    // forward in time only
    {{10, 8, 2, 4}, 30, 1, 0, 0.4},      {{10, 8, 2, 4}, 30, 3, 0, 0.4},  {{10, 8, 2, 4}, 49, 17, 5, 0.0},
    {{1, 8, 2, 1}, 30, 20, 0, 0.2},      {{10, 8, 2, 4}, 1, 20, 0, 0.2},  {{10, 1, 2, 1}, 30, 20, 0, 0.2},
    {{7, 65, 2, 5}, 25, 33, 0, 0.2},     {{10, 8, 2, 4}, 24, 70, 0, 0.2}, {{10, 8, 2, 4, 3}, 30, 20, 0, 0.2},
};

MaskedGruOptions options_of(const Case& c) {
  return {.optimizer = {}, .mask = scored_mask, .dropout = c.dropout, .batch = c.batch, .seed = 77};
}

const TrainingState start_state(std::uint32_t step, const std::vector<float>& weights) {
  return {step, weights, std::vector<float>(weights.size()), std::vector<float>(weights.size())};
}

}  // namespace

TEST_CASE(
    "GRU gradients are LibTorch's in float64, on every instruction set, for odd sizes, with masks and "
    "dropout, whether all counts were observed or not") {
  for (const Case& c : cases) {
    for (const bool all_observed : {true, false}) {
      const MaskedGruOptions options = options_of(c);
      CountData data = noise_counts(c.shape.units, c.bins, c.trials, 5, c.shape.context);
      if (!all_observed) test::leave_unobserved(data, 8);
      const std::vector<float> weights = start_weights(c.shape, 6);
      const auto oracle = make_torch_engine(c.shape, options, data, {}, weights, Precision::float64);
      oracle->restore(start_state(3, weights));
      const double loss = oracle->train_step();
      // Adam's first moment is a tenth of the gradient after one step from zero.
      std::vector<float> expected = oracle->state().moment1;
      for (float& value : expected) value *= 10.0f;
      for (const std::string& isa : usable_isas()) {
        const auto engine = make_fused_engine(c.shape, options, data, {}, weights, isa);
        const auto found = test::loss_and_gradient(*engine, 3, weights);
        CAPTURE(isa);
        CAPTURE(all_observed);
        CAPTURE(c.shape.hidden);
        CAPTURE(c.trials);
        CAPTURE(c.bins);
        CHECK(found.loss == doctest::Approx(loss).epsilon(1e-6));
        CHECK(test::worst_tensor_error(c.shape, found.gradient, expected) <= 1e-6);
      }
    }
  }
}

TEST_CASE("saying that all was observed changes no bit, and neither do counts that were not observed") {
  const GruShape shape{12, 8, 2, 4};
  const MaskedGruOptions options{.dropout = 0.4, .batch = 20, .seed = 4};
  const CountData silent = noise_counts(12, 30, 40, 1);
  CountData all = silent, partly = silent;
  all.observed = Array<std::uint8_t, 3>(all.counts.shape(), 1);
  test::leave_unobserved(partly, 8);
  CountData changed = partly;
  test::change_unobserved(changed);
  for (const std::string& isa : usable_isas()) {
    CAPTURE(isa);
    const auto trained = [&](const CountData& data) {
      const auto engine = make_fused_engine(shape, options, data, {}, start_weights(shape, 3), isa);
      std::vector<double> losses;
      losses.reserve(6);
      for (int step = 0; step < 5; ++step) losses.push_back(engine->train_step());
      losses.push_back(engine->validation_loss());
      return std::pair(losses, engine->state().weights);
    };
    CHECK(trained(all) == trained(silent));
    CHECK(trained(changed) == trained(partly));
    CHECK(trained(partly) != trained(silent));
  }
}

TEST_CASE("where nothing was observed the GRU's loss and gradient are 0") {
  const GruShape shape{4, 3, 2, 2};
  CountData data = noise_counts(4, 20, 5, 1);
  data.observed = Array<std::uint8_t, 3>(data.counts.shape(), 0);
  for (const std::string& isa : usable_isas()) {
    CAPTURE(isa);
    const std::vector<float> weights = start_weights(shape, 3);
    const auto engine = make_fused_engine(shape, {.dropout = 0.4}, data, {}, weights, isa);
    const auto found = test::loss_and_gradient(*engine, 0, weights);
    CHECK(found.loss == 0.0);
    CHECK(found.gradient == std::vector<float>(weights.size()));
    CHECK(make_fused_engine(shape, {}, data, {}, weights, isa)->validation_loss() == 0.0);
  }
}

TEST_CASE("validations hide alike, whatever training hides") {
  const GruShape shape{6, 4, 2, 3};
  const CountData data = noise_counts(6, 30, 10, 5);
  const std::vector<float> weights = start_weights(shape, 6);
  const double expected = make_torch_engine(shape, {.seed = 3}, data, {}, weights)->validation_loss();
  for (const MaskOptions mask : {MaskOptions{1, 0.6}, MaskOptions{25, 0.1}}) {
    const MaskedGruOptions options{.mask = mask, .seed = 3};
    CHECK(make_torch_engine(shape, options, data, {}, weights)->validation_loss() == expected);
    for (const std::string& isa : usable_isas()) {
      CAPTURE(isa);
      const auto engine = make_fused_engine(shape, options, data, {}, weights, isa);
      const double before = engine->validation_loss();
      CHECK(before == doctest::Approx(expected).epsilon(1e-6));
      engine->train_step();
      engine->restore(start_state(0, weights));
      CHECK(engine->validation_loss() == before);
    }
  }
}

TEST_CASE("log rates beyond the bounds have LibTorch's loss and gradient") {
  const GruShape shape{6, 4, 2, 3};
  const CountData data = noise_counts(6, 20, 10, 5);
  std::vector<float> weights = start_weights(shape, 6);
  weights[weights.size() - 1] = 7.0f;
  weights[weights.size() - 2] = -12.0f;
  const auto oracle = make_torch_engine(shape, {.seed = 3}, data, {}, weights, Precision::float64);
  const double loss = oracle->train_step();
  std::vector<float> expected = oracle->state().moment1;
  for (float& value : expected) value *= 10.0f;
  CHECK(expected[expected.size() - 1] == 0.0f);
  for (const std::string& isa : usable_isas()) {
    const auto engine = make_fused_engine(shape, {.seed = 3}, data, {}, weights, isa);
    const auto found = test::loss_and_gradient(*engine, 0, weights);
    CHECK(found.loss == doctest::Approx(loss).epsilon(1e-6));
    CHECK(test::worst_tensor_error(shape, found.gradient, expected) <= 1e-6);
  }
}

TEST_CASE(
    "both engines train the GRU alike for 100 steps, with decay, clipping, batches and a falling rate") {
  const GruShape shape{20, 16, 2, 6};
  const MaskedGruOptions options{
      .optimizer = {.learning_rate = 1e-3, .weight_decay = 1e-3, .clip = 0.05, .cosine_steps = 100},
      .dropout = 0.4,
      .batch = 16,
      .seed = 4};
  const CountData train = noise_counts(20, 60, 30, 1), validation = noise_counts(20, 60, 10, 2);
  const std::vector<float> weights = start_weights(shape, 3);
  const auto torch = make_torch_engine(shape, options, train, validation, weights);
  const int steps = test::sanitized ? 10 : 100;
  for (const std::string& isa : usable_isas()) {
    const auto fused = make_fused_engine(shape, options, train, validation, weights, isa);
    torch->restore(start_state(0, weights));
    CHECK(fused->validation_loss() == doctest::Approx(torch->validation_loss()).epsilon(1e-6));
    for (int step = 0; step < steps; ++step) {
      CAPTURE(step);
      REQUIRE(fused->train_step() == doctest::Approx(torch->train_step()).epsilon(1e-5));
    }
    CHECK(fused->validation_loss() == doctest::Approx(torch->validation_loss()).epsilon(1e-5));
    torch->restore(fused->state());
    CHECK(torch->train_step() == doctest::Approx(fused->train_step()).epsilon(1e-5));
  }
}

TEST_CASE("a GRU resumed from its state equals the uninterrupted one bit for bit") {
  const GruShape shape{12, 8, 2, 4};
  const MaskedGruOptions options{.optimizer = {.weight_decay = 1e-3, .clip = 5, .cosine_steps = 40},
                                 .dropout = 0.4,
                                 .batch = 8,
                                 .seed = 4};
  const CountData train = noise_counts(12, 30, 21, 1);
  const std::vector<float> weights = start_weights(shape, 3);
  const auto steps = [&](const TrainingState& from, int count) {
    const auto engine = make_fused_engine(shape, options, train, {}, weights);
    engine->restore(from);
    for (int step = 0; step < count; ++step) {
      engine->train_step();
      engine->validation_loss();
    }
    return engine->state();
  };
  const TrainingState expected = steps(start_state(0, weights), 40);
  const TrainingState resumed = steps(steps(start_state(0, weights), 13), 27);
  CHECK(resumed.weights == expected.weights);
  CHECK(resumed.moment2 == expected.moment2);
}

TEST_CASE("the fused GRU engine refuses other devices and instruction sets that are not there") {
  const GruShape shape{4, 2, 2, 2};
  const CountData data = noise_counts(4, 5, 3, 1);
  const std::vector<float> weights = start_weights(shape, 3);
  test::expect_error(ErrorKind::usage, {"cuda", "--engine libtorch"},
                     [&] { make_fused_engine(shape, {.device = "cuda"}, data, {}, weights); });
  test::expect_error(ErrorKind::usage, {"'sparc'", rnn::usable_isas().front()},
                     [&] { make_fused_engine(shape, {}, data, {}, weights, "sparc"); });
}

TEST_CASE("instruction sets of the same arithmetic train the GRU to the same bits" *
          doctest::skip(test::sanitized)) {
  for (const Case& c : cases) {
    const CountData data = noise_counts(c.shape.units, c.bins, c.trials, 5, c.shape.context);
    const std::string first = usable_isas().front();
    const auto trained = [&](const std::string& isa) {
      const auto engine = make_fused_engine(c.shape, options_of(c), data, {}, start_weights(c.shape, 6), isa);
      for (int step = 0; step < 5; ++step) engine->train_step();
      std::vector<float> weights = engine->state().weights;
      weights.push_back(static_cast<float>(engine->validation_loss()));
      return weights;
    };
    for (const std::string& isa : usable_isas()) {
      CAPTURE(isa);
      CAPTURE(c.trials);
      if (same_arithmetic(isa, first)) CHECK(trained(isa) == trained(first));
    }
  }
}
