#include "rnn/network.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "core/random.hpp"

namespace rnn_rates::rnn {
namespace {

class ParameterList {
 public:
  void add(std::string name, std::vector<std::size_t> shape, std::size_t fan_in) {
    list_.push_back({std::move(name), std::move(shape), offset_, fan_in});
    offset_ += list_.back().size();
  }
  void add_linear(const std::string& name, std::size_t inputs, std::size_t outputs) {
    add(name + ".weight", {outputs, inputs}, inputs);
    add(name + ".bias", {outputs}, inputs);
  }
  std::vector<Parameter> take() { return std::move(list_); }

 private:
  std::vector<Parameter> list_;
  std::size_t offset_ = 0;
};

}  // namespace

std::size_t Parameter::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::vector<Parameter> parameters(const NetworkShape& shape) {
  const std::size_t hidden = shape.hidden;
  ParameterList list;
  list.add_linear("encoder.0", shape.inputs, shape.encoder_mid());
  list.add_linear("encoder.2", shape.encoder_mid(), hidden);
  for (std::size_t layer = 0; layer < shape.layers; ++layer) {
    const std::string suffix = "_l" + std::to_string(layer);
    list.add("rnn.weight_ih" + suffix, {hidden, hidden}, hidden);
    list.add("rnn.weight_hh" + suffix, {hidden, hidden}, hidden);
    list.add("rnn.bias_ih" + suffix, {hidden}, hidden);
    list.add("rnn.bias_hh" + suffix, {hidden}, hidden);
  }
  list.add_linear("decoder.0", hidden, shape.decoder_mid());
  list.add_linear("decoder.2", shape.decoder_mid(), shape.outputs);
  return list.take();
}

std::size_t parameter_count(const NetworkShape& shape) {
  const auto last = parameters(shape).back();
  return last.offset + last.size();
}

std::vector<float> initial_weights(const NetworkShape& shape, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<float> weights;
  weights.reserve(parameter_count(shape));
  for (const Parameter& parameter : parameters(shape)) {
    const double range = 1.0 / std::sqrt(static_cast<double>(parameter.fan_in));
    for (std::size_t i = 0; i < parameter.size(); ++i)
      weights.push_back(static_cast<float>(range * (2.0 * random.uniform() - 1.0)));
  }
  return weights;
}

}  // namespace rnn_rates::rnn
