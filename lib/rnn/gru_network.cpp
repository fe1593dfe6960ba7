#include "rnn/gru_network.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace rnn_rates::rnn {

std::vector<Parameter> parameters(const GruShape& shape) {
  const std::size_t gates = 3 * shape.hidden;
  const double range = 1.0 / std::sqrt(static_cast<double>(shape.hidden));
  ParameterList list;
  for (std::size_t direction = 0; direction < shape.directions; ++direction) {
    const std::string suffix = direction == 0 ? "_l0" : "_l0_reverse";
    list.add("gru.weight_ih" + suffix, {gates, shape.inputs()}, range);
    list.add("gru.weight_hh" + suffix, {gates, shape.hidden}, range);
    list.add("gru.bias_ih" + suffix, {gates}, range);
    list.add("gru.bias_hh" + suffix, {gates}, range);
  }
  list.add("factors.weight", {shape.rank, shape.states()},
           1.0 / std::sqrt(static_cast<double>(shape.states())));
  list.add("readout.weight", {shape.units, shape.rank}, 0.5 / std::sqrt(static_cast<double>(shape.rank)));
  list.add("readout.bias", {shape.units}, 0.0);
  return list.take();
}

std::vector<float> initial_weights(const GruShape& shape, std::uint64_t seed,
                                   std::span<const double> mean_counts) {
  if (mean_counts.size() != shape.units) {
    throw Error(ErrorKind::bug, "{} mean counts for {} units", mean_counts.size(), shape.units);
  }
  static constexpr double least_mean = 0.005;
  std::vector<float> weights = initial_weights(parameters(shape), seed);
  std::transform(mean_counts.begin(), mean_counts.end(),
                 weights.end() - static_cast<std::ptrdiff_t>(shape.units),
                 [](double mean) { return static_cast<float>(std::log(std::max(mean, least_mean))); });
  return weights;
}

}  // namespace rnn_rates::rnn
