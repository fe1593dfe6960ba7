#include "rnn/torch/torch_engine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/error.hpp"
#include "rnn/autoencoder_forward.hpp"
#include "support/golden_network.hpp"
#include "support/noise_data.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;
using test::noise_data;

namespace {

const AutoencoderShape small{7, 4, 5, 2};

std::unique_ptr<Engine> small_engine(std::uint64_t seed, double dropout = 0.2) {
  AutoencoderOptions options;
  options.dropout = dropout;
  options.seed = seed;
  return make_torch_engine(small, options, noise_data(small, 12, 6, 1), noise_data(small, 12, 3, 2),
                           initial_weights(parameters(small), 3));
}

void check_equal(const TrainingState& found, const TrainingState& expected) {
  CHECK(found.step == expected.step);
  CHECK(found.weights == expected.weights);
  CHECK(found.moment1 == expected.moment1);
  CHECK(found.moment2 == expected.moment2);
}

TrainingState fit(std::uint64_t seed, int steps) {
  const auto engine = small_engine(seed);
  for (int step = 0; step < steps; ++step) engine->train_step();
  return engine->state();
}

/// Mean squared error of the evaluation-mode network of forward() where there are targets.
double forward_loss(const std::vector<float>& weights, const AutoencoderData& data) {
  const auto found = forward(small, weights, data.inputs);
  double sum = 0.0, targets = 0.0;
  for (std::size_t i = 0; i < data.targets.size(); ++i) {
    const float target = data.targets.data()[i];
    if (std::isnan(target)) continue;
    sum += std::pow(static_cast<double>(found.outputs.data()[i]) - static_cast<double>(target), 2);
    targets += 1.0;
  }
  return sum / targets;
}

ErrorKind kind_of_failure(const std::string& device) {
  AutoencoderOptions options;
  options.device = device;
  const AutoencoderData data = noise_data(small, 2, 2, 1);
  try {
    make_torch_engine(small, options, data, {}, initial_weights(parameters(small), 1));
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find(device) != std::string::npos);
    return error.kind();
  }
  return ErrorKind::bug;
}

}  // namespace

TEST_CASE("a fit resumed from its state by a new engine equals the uninterrupted one bit for bit") {
  const TrainingState expected = fit(9, 20);
  const TrainingState halfway = fit(9, 8);
  const auto resumed = small_engine(1234);
  const auto same_seed = small_engine(9);
  same_seed->restore(halfway);
  resumed->restore(halfway);
  for (int step = 8; step < 20; ++step) {
    same_seed->train_step();
    resumed->train_step();
  }
  check_equal(same_seed->state(), expected);
  CHECK(resumed->state().weights != expected.weights);
}

TEST_CASE("fits side by side in two threads equal the same fits one after the other") {
  const TrainingState first = fit(1, 60), second = fit(2, 60);
  TrainingState first_beside, second_beside;
  std::thread one([&] { first_beside = fit(1, 60); });
  std::thread two([&] { second_beside = fit(2, 60); });
  one.join();
  two.join();
  check_equal(first_beside, first);
  check_equal(second_beside, second);
}

TEST_CASE(
    "validation is without dropout, on the validation data or, where there are none, the training data") {
  const auto weights = initial_weights(parameters(small), 3);
  const auto data = noise_data(small, 12, 6, 1), other = noise_data(small, 12, 3, 2);
  const double on_other = small_engine(1, 0.5)->validation_loss();
  CHECK(on_other == doctest::Approx(forward_loss(weights, other)).epsilon(1e-6));
  AutoencoderOptions options;
  options.dropout = 0.5;
  const auto alone = make_torch_engine(small, options, data, {}, weights);
  CHECK(alone->validation_loss() == doctest::Approx(forward_loss(weights, data)).epsilon(1e-6));
}

TEST_CASE("dropout is drawn anew each step and by seed, and leaves the loss about where it was") {
  const auto data = noise_data(small, 12, 6, 1);
  const double plain = forward_loss(initial_weights(parameters(small), 3), data);
  const double first = small_engine(1)->train_step(), second = small_engine(2)->train_step();
  CHECK(first != second);
  CHECK(first == small_engine(1)->train_step());
  CHECK(first == doctest::Approx(plain).epsilon(0.05));
  const auto engine = small_engine(1);
  TrainingState later = engine->state();
  later.step = 1;
  engine->restore(later);
  CHECK(engine->train_step() != first);
}

TEST_CASE("float32 and float64 agree on the gradient with dropout, odd sizes included") {
  // After one step from zero, Adam's first moment is a tenth of the gradient.
  for (const AutoencoderShape& shape :
       {AutoencoderShape{7, 4, 5, 2}, AutoencoderShape{3, 1, 1, 1}, AutoencoderShape{4, 65, 2, 3}}) {
    AutoencoderOptions options;
    options.dropout = 0.3;
    const auto data = noise_data(shape, 9, 3, 4);
    const auto weights = initial_weights(parameters(shape), 5);
    const auto single = make_torch_engine(shape, options, data, {}, weights);
    const auto reference = make_torch_engine(shape, options, data, {}, weights, Precision::float64);
    CHECK(single->train_step() == doctest::Approx(reference->train_step()).epsilon(1e-6));
    CHECK(test::worst_tensor_error(shape, single->state().moment1, reference->state().moment1) < 1e-5);
  }
}

TEST_CASE("the gradient is that of the loss, with all targets or not") {
  const auto weights = initial_weights(parameters(small), 3);
  for (const bool all_targets : {true, false}) {
    CAPTURE(all_targets);
    AutoencoderData data = noise_data(small, 12, 6, 1);
    if (!all_targets) test::leave_out_targets(data, 8);
    const auto engine = make_torch_engine(small, {}, data, {}, weights, Precision::float64);
    engine->train_step();
    const auto moment1 = engine->state().moment1;
    for (const Parameter& part : parameters(small)) {
      CAPTURE(part.name);
      const std::size_t at = part.offset + part.size() / 2;
      auto above = weights, below = weights;
      above[at] += 0x1p-10f;
      below[at] -= 0x1p-10f;
      const auto loss = [&](const std::vector<float>& moved) {
        return make_torch_engine(small, {}, data, {}, moved, Precision::float64)->validation_loss();
      };
      const double width = static_cast<double>(above[at]) - static_cast<double>(below[at]);
      const double slope = (loss(above) - loss(below)) / width;
      CHECK(10.0 * static_cast<double>(moment1[at]) == doctest::Approx(slope).epsilon(1e-4));
    }
  }
}

TEST_CASE("only outputs with a target are in the loss; without any it is 0, and so is the gradient") {
  const auto weights = initial_weights(parameters(small), 3);
  AutoencoderData data = noise_data(small, 12, 6, 1);
  test::leave_out_targets(data, 8);
  const auto engine_on = [&] { return make_torch_engine(small, {}, data, {}, weights); };
  CHECK(engine_on()->validation_loss() == doctest::Approx(forward_loss(weights, data)).epsilon(1e-6));
  std::fill(data.targets.values().begin(), data.targets.values().end(), std::nanf(""));
  const auto engine = engine_on();
  CHECK(engine->train_step() == 0.0);
  CHECK(engine->state().weights == weights);
}

TEST_CASE("a device that is unknown or absent is refused with what to do") {
  CHECK(kind_of_failure("tpu") == ErrorKind::usage);
  CHECK(kind_of_failure("cuda:") == ErrorKind::usage);
  CHECK(kind_of_failure("cuda:1x") == ErrorKind::usage);
  CHECK(kind_of_failure("cuda:99") == ErrorKind::usage);
}

TEST_CASE("a state of another network is refused") {
  TrainingState state = small_engine(1)->state();
  state.moment1.pop_back();
  CHECK_THROWS_AS(small_engine(1)->restore(state), Error);
}

TEST_SUITE("golden") {
  TEST_CASE("loss, gradients and the weights after 1 and 10 Adam steps are PyTorch's") {
    const auto golden = test::read_golden_network();
    if (!golden) return;
    const auto engine = make_torch_engine(golden->shape, {}, golden->data, {}, golden->weights);
    CHECK(engine->validation_loss() == doctest::Approx(golden->loss).epsilon(1e-5));
    for (std::size_t step = 1; step <= golden->losses.size(); ++step) {
      CHECK(engine->train_step() == doctest::Approx(golden->losses[step - 1]).epsilon(1e-5));
      if (step > 1) continue;
      const TrainingState state = engine->state();
      std::vector<float> gradients = state.moment1;
      for (float& value : gradients) value *= 10.0f;
      CHECK(test::worst_tensor_error(golden->shape, gradients, golden->gradients) < 1e-5);
      CHECK(test::worst_tensor_error(golden->shape, state.weights, golden->after_1) < 1e-5);
    }
    CHECK(test::worst_tensor_error(golden->shape, engine->state().weights, golden->after_10) < 1e-5);
  }
}
