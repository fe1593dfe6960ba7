#include "rnn/parameter.hpp"

#include <cmath>
#include <functional>
#include <numeric>

#include "core/random.hpp"

namespace rnn_rates::rnn {

std::size_t Parameter::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

void ParameterList::add(std::string name, std::vector<std::size_t> shape, double initial_range) {
  list_.push_back({std::move(name), std::move(shape), offset_, initial_range});
  offset_ += list_.back().size();
}

void ParameterList::add_linear(const std::string& name, std::size_t inputs, std::size_t outputs) {
  const double range = 1.0 / std::sqrt(static_cast<double>(inputs));
  add(name + ".weight", {outputs, inputs}, range);
  add(name + ".bias", {outputs}, range);
}

std::size_t parameter_count(std::span<const Parameter> parameters) {
  return parameters.empty() ? 0 : parameters.back().offset + parameters.back().size();
}

std::vector<float> initial_weights(std::span<const Parameter> parameters, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<float> weights;
  weights.reserve(parameter_count(parameters));
  for (const Parameter& parameter : parameters) {
    for (std::size_t i = 0; i < parameter.size(); ++i)
      weights.push_back(static_cast<float>(parameter.initial_range * (2.0 * random.uniform() - 1.0)));
  }
  return weights;
}

}  // namespace rnn_rates::rnn
