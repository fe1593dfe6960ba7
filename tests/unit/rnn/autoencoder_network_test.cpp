#include "rnn/autoencoder_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

using namespace rnn_rates::rnn;

TEST_CASE("parameters carry PyTorch's names, shapes and order, back to back in one vector") {
  const AutoencoderShape shape{32, 8, 30, 2};
  const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
      {"encoder.0.weight", {20, 32}}, {"encoder.0.bias", {20}},     {"encoder.2.weight", {8, 20}},
      {"encoder.2.bias", {8}},        {"rnn.weight_ih_l0", {8, 8}}, {"rnn.weight_hh_l0", {8, 8}},
      {"rnn.bias_ih_l0", {8}},        {"rnn.bias_hh_l0", {8}},      {"rnn.weight_ih_l1", {8, 8}},
      {"rnn.weight_hh_l1", {8, 8}},   {"rnn.bias_ih_l1", {8}},      {"rnn.bias_hh_l1", {8}},
      {"decoder.0.weight", {19, 8}},  {"decoder.0.bias", {19}},     {"decoder.2.weight", {30, 19}},
      {"decoder.2.bias", {30}}};
  const auto list = parameters(shape);
  REQUIRE(list.size() == expected.size());
  std::size_t offset = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    CHECK(list[i].name == expected[i].first);
    CHECK(list[i].shape == expected[i].second);
    CHECK(list[i].offset == offset);
    offset += list[i].size();
  }
  CHECK(parameter_count(parameters(shape)) == offset);
  CHECK(parameter_count(parameters(shape)) == 1887);
}

TEST_CASE("initial weights fill the ranges of PyTorch's defaults uniformly") {
  const AutoencoderShape shape{200, 64, 150, 2};
  // nn.Linear: 1/sqrt(in_features) for weight and bias; nn.RNN: 1/sqrt(hidden_size) for all four.
  const std::map<std::string, double> fan_in{
      {"encoder.0", 200}, {"encoder.2", 132}, {"rnn", 64}, {"decoder.0", 64}, {"decoder.2", 107}};
  const auto weights = initial_weights(parameters(shape), 3);
  REQUIRE(weights.size() == parameter_count(parameters(shape)));
  for (const Parameter& parameter : parameters(shape)) {
    CAPTURE(parameter.name);
    const std::string module = parameter.name.substr(0, parameter.name.starts_with("rnn") ? 3 : 9);
    const double range = 1.0 / std::sqrt(fan_in.at(module));
    const auto first = weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset);
    const std::vector<double> values(first, first + static_cast<std::ptrdiff_t>(parameter.size()));
    const auto count = static_cast<double>(values.size());
    CHECK(*std::max_element(values.begin(), values.end()) <= range);
    CHECK(*std::min_element(values.begin(), values.end()) >= -range);
    CHECK(*std::max_element(values.begin(), values.end()) > range * (1.0 - 12.0 / count));
    CHECK(*std::min_element(values.begin(), values.end()) < -range * (1.0 - 12.0 / count));
    // Mean 0 and variance range^2/3 of the uniform distribution, within four standard errors of each.
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    const double square = std::inner_product(values.begin(), values.end(), values.begin(), 0.0) / count;
    CHECK(std::abs(mean) < 4.0 * range / std::sqrt(3.0 * count));
    CHECK(std::abs(square - range * range / 3.0) < 4.0 * range * range * std::sqrt(4.0 / 45.0 / count));
  }
}

TEST_CASE("initial weights depend on the seed alone") {
  const AutoencoderShape shape{5, 4, 3, 1};
  CHECK(initial_weights(parameters(shape), 1) == initial_weights(parameters(shape), 1));
  CHECK(initial_weights(parameters(shape), 1) != initial_weights(parameters(shape), 2));
}
