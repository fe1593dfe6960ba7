#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "h5/dataset.hpp"
#include "rnn/adam.hpp"
#include "rnn/engine.hpp"
#include "support/shared_folder.hpp"

namespace rnn_rates::test {

/// What PyTorch computed for the reference network on real spikes, dropout 0 (/network of golden.h5). Weights
/// and gradients are flat, in the order of rnn::parameters().
struct GoldenNetwork {
  rnn::AutoencoderShape shape;
  rnn::AutoencoderData data;
  Array<float, 3> outputs, latents;
  double loss;
  std::vector<double> losses;  ///< before each of ten Adam steps at learning rate 1e-3
  std::vector<float> weights, gradients, after_1, after_10;
};

inline std::vector<float> read_flat(const h5::File& file, const std::string& group,
                                    const rnn::AutoencoderShape& shape) {
  std::vector<float> flat(rnn::parameter_count(parameters(shape)));
  for (const rnn::Parameter& parameter : rnn::parameters(shape)) {
    const h5::Dataset dataset(file, group + "/" + parameter.name);
    REQUIRE(dataset.shape() == parameter.shape);
    dataset.read_all<float>({&flat[parameter.offset], parameter.size()});
  }
  return flat;
}

/// Empty, with a message, where the golden numbers are not at hand.
inline std::optional<GoldenNetwork> read_golden_network() {
  const auto path = shared_file("golden/golden.h5");
  if (!path) return {};
  const auto file = h5::File::open_read(*path);
  GoldenNetwork golden;
  golden.data.inputs = h5::read_array<float, 3>(file, "/network/inputs");
  golden.data.targets = h5::read_array<float, 3>(file, "/network/labels");
  golden.outputs = h5::read_array<float, 3>(file, "/network/outputs");
  golden.latents = h5::read_array<float, 3>(file, "/network/latents");
  golden.loss = h5::read_scalar<double>(file, "/network/loss");
  golden.losses = h5::read_vector<double>(file, "/network/losses");
  golden.shape = {golden.data.inputs.extent(2), golden.latents.extent(2), golden.outputs.extent(2), 2};
  golden.weights = read_flat(file, "/network/weights", golden.shape);
  golden.gradients = read_flat(file, "/network/gradients", golden.shape);
  golden.after_1 = read_flat(file, "/network/after_1", golden.shape);
  golden.after_10 = read_flat(file, "/network/after_10", golden.shape);
  return golden;
}

struct LossAndGradient {
  double loss;
  std::vector<float> gradient;
};

/// Of the step that a fused engine takes after `step` steps: Adam's first moment is (1 - beta1), in float32,
/// times the gradient after one step from zero.
inline LossAndGradient loss_and_gradient(rnn::Engine& engine, std::uint32_t step,
                                         const std::vector<float>& weights) {
  const std::vector<float> zeros(weights.size());
  engine.restore({step, weights, zeros, zeros});
  const double loss = engine.train_step();
  std::vector<float> gradient = engine.state().moment1;
  for (float& value : gradient) value /= 1.0f - static_cast<float>(rnn::adam_beta1);
  return {loss, gradient};
}

/// L2 norm of the difference over the L2 norm of what is expected.
inline double relative_error(std::span<const float> found, std::span<const float> expected) {
  REQUIRE(found.size() == expected.size());
  double difference = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    difference += std::pow(static_cast<double>(found[i]) - static_cast<double>(expected[i]), 2);
    norm += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / norm);
}

/// The largest relative_error() of the named tensors in two flat vectors.
template <class Shape>
double worst_tensor_error(const Shape& shape, std::span<const float> found, std::span<const float> expected) {
  double worst = 0.0;
  for (const rnn::Parameter& part : parameters(shape))
    worst = std::max(worst, relative_error(found.subspan(part.offset, part.size()),
                                           expected.subspan(part.offset, part.size())));
  return worst;
}

}  // namespace rnn_rates::test
