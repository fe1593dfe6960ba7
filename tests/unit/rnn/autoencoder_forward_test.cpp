#include "rnn/autoencoder_forward.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "support/golden_network.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;

namespace {

Array<float, 3> random_inputs(const Array<float, 3>::Shape& shape) {
  RandomStream random(5);
  Array<float, 3> inputs(shape);
  for (float& value : inputs.values()) value = static_cast<float>(random.normal());
  return inputs;
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

TEST_CASE("a network of one unit a layer computes the textbook recurrence") {
  const AutoencoderShape shape{1, 1, 1, 2};
  const std::vector<float> w{0.5f, -0.1f, 1.5f, 0.2f,  0.7f,  -0.6f, 0.3f, 0.1f,
                             0.9f, 0.4f,  0.2f, -0.3f, -1.1f, 0.6f,  2.0f, -0.5f};
  const Array<float, 3> inputs({3, 1, 1}, std::vector<float>{0.3f, -1.2f, 2.0f});
  const auto found = forward(shape, w, inputs);
  double lower = 0.0, upper = 0.0;
  for (std::size_t bin = 0; bin < 3; ++bin) {
    const double x = static_cast<double>(inputs(bin, 0, 0));
    const double encoded = sigmoid(1.5 * sigmoid(0.5 * x - 0.1) + 0.2);
    lower = std::tanh(0.7 * encoded - 0.6 * lower + 0.3 + 0.1);
    upper = std::tanh(0.9 * lower + 0.4 * upper + 0.2 - 0.3);
    CHECK(found.latents(bin, 0, 0) == doctest::Approx(upper).epsilon(1e-6));
    CHECK(found.outputs(bin, 0, 0) == doctest::Approx(2.0 * sigmoid(-1.1 * upper + 0.6) - 0.5).epsilon(1e-6));
  }
}

TEST_CASE("trials do not influence each other, nor later bins earlier ones") {
  const AutoencoderShape shape{4, 5, 3, 3};
  const auto weights = initial_weights(parameters(shape), 1);
  const auto inputs = random_inputs({6, 4, 4});
  const auto together = forward(shape, weights, inputs);
  for (std::size_t trial = 0; trial < 4; ++trial) {
    Array<float, 3> alone({5, 1, 4});
    for (std::size_t bin = 0; bin < 5; ++bin)
      for (std::size_t input = 0; input < 4; ++input) alone(bin, 0, input) = inputs(bin, trial, input);
    const auto single = forward(shape, weights, alone);
    for (std::size_t bin = 0; bin < 5; ++bin)
      for (std::size_t output = 0; output < 3; ++output)
        CHECK(single.outputs(bin, 0, output) ==
              doctest::Approx(together.outputs(bin, trial, output)).epsilon(1e-5));
  }
}

TEST_CASE("weights or inputs that do not fit the network are refused") {
  const AutoencoderShape shape{4, 5, 3, 2};
  const auto weights = initial_weights(parameters(shape), 1);
  CHECK_THROWS_AS(forward(shape, std::span(weights).first(10), random_inputs({2, 2, 4})), Error);
  CHECK_THROWS_AS(forward(shape, weights, random_inputs({2, 2, 5})), Error);
}

TEST_SUITE("golden") {
  TEST_CASE("outputs and latents are PyTorch's") {
    const auto golden = test::read_golden_network();
    if (!golden) return;
    const auto found = forward(golden->shape, golden->weights, golden->data.inputs);
    CHECK(found.outputs.shape() == golden->outputs.shape());
    CHECK(found.latents.shape() == golden->latents.shape());
    CHECK(test::relative_error(found.outputs.values(), golden->outputs.values()) < 1e-5);
    CHECK(test::relative_error(found.latents.values(), golden->latents.values()) < 1e-5);
  }
}
