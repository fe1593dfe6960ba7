#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "rnn/autoencoder_forward.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "support/expect_error.hpp"
#include "support/golden_network.hpp"
#include "support/noise_data.hpp"
#include "support/sanitized.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;
using test::noise_data;

namespace {

/// Gradient in float64 from LibTorch's autograd: Adam's first moment is a tenth of it after one step from
/// zero.
std::vector<float> oracle_gradient(const AutoencoderShape& shape, const AutoencoderOptions& options,
                                   const AutoencoderData& data, const std::vector<float>& weights,
                                   std::uint32_t step) {
  const auto engine = make_torch_engine(shape, options, data, {}, weights, Precision::float64);
  engine->restore({step, weights, std::vector<float>(weights.size()), std::vector<float>(weights.size())});
  engine->train_step();
  std::vector<float> gradient = engine->state().moment1;
  for (float& value : gradient) value *= 10.0f;
  return gradient;
}

struct Case {
  AutoencoderShape shape;
  std::size_t bins, trials;
  double dropout;
};

const std::vector<Case> cases = {
    {{32, 8, 30, 2}, 116, 22, 0.2},  // the reference
    {{32, 8, 30, 2}, 30, 1, 0.2},   {{12, 8, 10, 2}, 20, 3, 0.2},   {{12, 8, 10, 2}, 40, 17, 0.2},
    {{3, 8, 1, 2}, 20, 22, 0.2},   // one unit
    {{12, 8, 10, 2}, 1, 22, 0.2},  // one bin left after the forecast
    {{12, 1, 10, 2}, 20, 20, 0.2},  {{12, 65, 10, 2}, 20, 20, 0.2}, {{12, 8, 10, 1}, 20, 20, 0.2},
    {{12, 8, 10, 3}, 20, 20, 0.5},  {{53, 16, 51, 2}, 60, 90, 0.0},
};

}  // namespace

TEST_CASE(
    "gradients are LibTorch's in float64, on every instruction set, for odd sizes, with dropout, with all "
    "targets or not") {
  for (const Case& c : cases) {
    for (const bool all_targets : {true, false}) {
      const AutoencoderOptions options{.dropout = c.dropout, .seed = 77};
      AutoencoderData data = noise_data(c.shape, c.bins, c.trials, 5);
      if (!all_targets) test::leave_out_targets(data, 8);
      const std::vector<float> weights = initial_weights(parameters(c.shape), 6);
      const std::vector<float> expected = oracle_gradient(c.shape, options, data, weights, 3);
      for (const std::string& isa : usable_isas()) {
        const auto engine = make_fused_engine(c.shape, options, data, {}, weights, isa);
        const std::vector<float> gradient = test::loss_and_gradient(*engine, 3, weights).gradient;
        CAPTURE(isa);
        CAPTURE(all_targets);
        CAPTURE(c.shape.hidden);
        CAPTURE(c.trials);
        CAPTURE(c.bins);
        CHECK(test::worst_tensor_error(c.shape, gradient, expected) <= 1e-6);
      }
    }
  }
}

TEST_CASE("without any target the autoencoder's loss and gradient are 0") {
  const AutoencoderShape shape{5, 4, 3, 2};
  AutoencoderData data = noise_data(shape, 12, 6, 5);
  std::fill(data.targets.values().begin(), data.targets.values().end(), std::nanf(""));
  const std::vector<float> weights = initial_weights(parameters(shape), 6);
  for (const std::string& isa : usable_isas()) {
    CAPTURE(isa);
    const auto engine = make_fused_engine(shape, {.dropout = 0.2}, data, {}, weights, isa);
    const auto found = test::loss_and_gradient(*engine, 0, weights);
    CHECK(found.loss == 0.0);
    CHECK(found.gradient == std::vector<float>(weights.size()));
  }
}

TEST_CASE("validation loss is that of the plain forward pass, over the targets that there are") {
  const AutoencoderShape shape{12, 8, 10, 2};
  for (const std::string& isa : usable_isas()) {
    for (const std::size_t trials : {1u, 5u, 33u}) {
      AutoencoderData data = noise_data(shape, 25, trials, 5);
      if (trials == 33) test::leave_out_targets(data, 8);
      const std::vector<float> weights = initial_weights(parameters(shape), 6);
      const auto engine =
          make_fused_engine(shape, {.dropout = 0.5}, noise_data(shape, 25, 4, 9), data, weights, isa);
      const Array<float, 3> outputs = forward(shape, weights, data.inputs).outputs;
      double squares = 0, targets = 0;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const float target = data.targets.values()[i];
        if (std::isnan(target)) continue;
        squares += std::pow(double{outputs.values()[i]} - double{target}, 2);
        targets += 1;
      }
      CHECK(engine->validation_loss() == doctest::Approx(squares / targets).epsilon(1e-6));
    }
  }
}

TEST_CASE("both engines have the same losses for 100 steps with dropout") {
  const AutoencoderShape shape{32, 8, 30, 2};
  const AutoencoderOptions options{.dropout = 0.2, .seed = 4};
  const AutoencoderData train = noise_data(shape, 60, 22, 1), validation = noise_data(shape, 60, 8, 2);
  const std::vector<float> weights = initial_weights(parameters(shape), 3);
  const auto torch = make_torch_engine(shape, options, train, validation, weights);
  const int steps = test::sanitized ? 10 : 100;
  for (const std::string& isa : usable_isas()) {
    const auto fused = make_fused_engine(shape, options, train, validation, weights, isa);
    torch->restore({0, weights, std::vector<float>(weights.size()), std::vector<float>(weights.size())});
    for (int step = 0; step < steps; ++step) {
      CAPTURE(step);
      REQUIRE(fused->train_step() == doctest::Approx(torch->train_step()).epsilon(1e-5));
    }
    CHECK(fused->validation_loss() == doctest::Approx(torch->validation_loss()).epsilon(1e-5));
  }
}

TEST_CASE("either engine goes on from the other's state") {
  const AutoencoderShape shape{12, 8, 10, 2};
  const AutoencoderOptions options{.dropout = 0.2, .seed = 4};
  const AutoencoderData train = noise_data(shape, 30, 20, 1);
  const std::vector<float> weights = initial_weights(parameters(shape), 3);
  const auto fused = make_fused_engine(shape, options, train, {}, weights);
  const auto torch = make_torch_engine(shape, options, train, {}, weights);
  for (int step = 0; step < 20; ++step) fused->train_step();
  torch->restore(fused->state());
  for (int step = 0; step < 20; ++step) torch->train_step();
  fused->restore(torch->state());
  CHECK(fused->state().step == 40);
  CHECK(fused->train_step() == doctest::Approx(torch->train_step()).epsilon(1e-5));
}

TEST_CASE("a fit resumed from its state equals the uninterrupted one bit for bit, in any thread") {
  const AutoencoderShape shape{12, 8, 10, 2};
  const AutoencoderOptions options{.dropout = 0.2, .seed = 4};
  const AutoencoderData train = noise_data(shape, 30, 21, 1);
  const std::vector<float> weights = initial_weights(parameters(shape), 3);
  const auto steps = [&](TrainingState from, int count) {
    const auto engine = make_fused_engine(shape, options, train, {}, weights);
    engine->restore(from);
    for (int step = 0; step < count; ++step) engine->train_step();
    return engine->state();
  };
  const TrainingState start{0, weights, std::vector<float>(weights.size()),
                            std::vector<float>(weights.size())};
  const TrainingState expected = steps(start, 50);
  TrainingState resumed;
  std::thread([&] { resumed = steps(steps(start, 17), 33); }).join();
  CHECK(resumed.weights == expected.weights);
  CHECK(resumed.moment1 == expected.moment1);
  CHECK(resumed.moment2 == expected.moment2);
}

TEST_CASE("what the engine cannot do is refused") {
  const AutoencoderShape shape{12, 8, 10, 2};
  const AutoencoderData data = noise_data(shape, 5, 4, 1);
  const std::vector<float> weights = initial_weights(parameters(shape), 3);
  test::expect_error(ErrorKind::usage, {"cuda", "--engine libtorch"},
                     [&] { make_fused_engine(shape, {.device = "cuda"}, data, {}, weights); });
  test::expect_error(ErrorKind::usage, {"'sparc'", rnn::usable_isas().front()},
                     [&] { make_fused_engine(shape, {}, data, {}, weights, "sparc"); });
  const AutoencoderShape deep{12, 2, 10, 17};
  test::expect_error(ErrorKind::config, {"1 to 16"},
                     [&] { make_fused_engine(deep, {}, data, {}, initial_weights(parameters(deep), 1)); });
}

// Takes minutes under the sanitizers, and the steps that it takes are those of the cases above.
TEST_CASE("losses after thousands of steps come from LibTorch's distribution over seeds" *
          doctest::test_suite("slow") * doctest::skip(test::sanitized)) {
  // Trajectories part chaotically, so single losses cannot be compared; means over seeds can.
  constexpr std::uint64_t seeds = 8;
  const AutoencoderShape shape{6, 4, 4, 2};
  const AutoencoderData train = noise_data(shape, 20, 6, 1), validation = noise_data(shape, 20, 4, 2);
  const auto final_losses = [&](bool fused) {
    std::vector<double> losses;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const AutoencoderOptions options{.dropout = 0.2, .seed = seed};
      const std::vector<float> weights = initial_weights(parameters(shape), 100 + seed);
      const auto engine = fused ? make_fused_engine(shape, options, train, validation, weights)
                                : make_torch_engine(shape, options, train, validation, weights);
      for (int step = 0; step < 3000; ++step) engine->train_step();
      losses.push_back(engine->validation_loss());
    }
    return losses;
  };
  const auto moments = [](const std::vector<double>& values) {
    double mean = 0, variance = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    for (const double value : values)
      variance += (value - mean) * (value - mean) / static_cast<double>(values.size() - 1);
    return std::pair(mean, variance);
  };
  const auto [fused_mean, fused_variance] = moments(final_losses(true));
  const auto [torch_mean, torch_variance] = moments(final_losses(false));
  const double standard_error = std::sqrt((fused_variance + torch_variance) / static_cast<double>(seeds));
  CHECK(std::abs(fused_mean - torch_mean) < 4 * standard_error);
  CHECK(std::abs(fused_mean - torch_mean) < 0.1 * torch_mean);
}

TEST_SUITE("golden") {
  TEST_CASE("steps are PyTorch's") {
    const auto golden = test::read_golden_network();
    if (!golden) return;
    for (const std::string& isa : usable_isas()) {
      CAPTURE(isa);
      const auto engine = make_fused_engine(golden->shape, {}, golden->data, {}, golden->weights, isa);
      const auto first = test::loss_and_gradient(*engine, 0, golden->weights);
      CHECK(first.loss == doctest::Approx(golden->loss).epsilon(1e-5));
      CHECK(test::worst_tensor_error(golden->shape, first.gradient, golden->gradients) <= 1e-5);
      const std::vector<float> zeros(golden->weights.size());
      engine->restore({0, golden->weights, zeros, zeros});
      for (std::size_t step = 0; step < golden->losses.size(); ++step) {
        CHECK(engine->train_step() == doctest::Approx(golden->losses[step]).epsilon(1e-5));
        if (step == 0)
          CHECK(test::worst_tensor_error(golden->shape, engine->state().weights, golden->after_1) <= 1e-5);
      }
      CHECK(test::worst_tensor_error(golden->shape, engine->state().weights, golden->after_10) <= 1e-5);
    }
  }
}

TEST_CASE("instruction sets of the same arithmetic train the autoencoder to the same bits" *
          doctest::skip(test::sanitized)) {
  CHECK(same_arithmetic("x86-64-v3", "x86-64-v4"));
  CHECK_FALSE(same_arithmetic("x86-64-v2", "x86-64-v3"));
  for (const Case& c : cases) {
    const AutoencoderOptions options{.dropout = c.dropout, .seed = 77};
    const AutoencoderData data = noise_data(c.shape, c.bins, c.trials, 5);
    const std::string first = usable_isas().front();
    const auto trained = [&](const std::string& isa) {
      const auto engine =
          make_fused_engine(c.shape, options, data, {}, initial_weights(parameters(c.shape), 6), isa);
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
