#include "infer_write/model_weights.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace rnn_rates::infer_write {
namespace {

const artifact::NamedTensor& find(const Tensors& tensors, const std::string& name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const auto& each) { return each.name == name; });
  if (found == tensors.end()) {
    throw Error(ErrorKind::input, "the model has no parameter '{}'. Run train_rnn --force again.", name);
  }
  return *found;
}

}  // namespace

rnn::NetworkShape autoencoder_shape(const Tensors& tensors, std::size_t inputs, std::size_t components) {
  const std::size_t layers =
      static_cast<std::size_t>(std::count_if(tensors.begin(), tensors.end(), [](const auto& each) {
        return each.name.starts_with("rnn.weight_hh_l");
      }));
  return {inputs, find(tensors, "rnn.weight_hh_l0").shape.at(0), components, layers};
}

rnn::GruShape gru_shape(const Tensors& tensors, std::size_t context) {
  const auto directions =
      static_cast<std::size_t>(std::count_if(tensors.begin(), tensors.end(), [](const auto& each) {
        return each.name.starts_with("gru.weight_hh_l0");
      }));
  return {find(tensors, "readout.bias").shape.at(0), find(tensors, "gru.weight_hh_l0").shape.at(1),
          directions, find(tensors, "factors.weight").shape.at(0), context};
}

std::vector<float> flat_weights(const Tensors& tensors, const std::vector<rnn::Parameter>& parameters) {
  std::vector<float> flat(rnn::parameter_count(parameters));
  for (const rnn::Parameter& parameter : parameters) {
    const artifact::NamedTensor& tensor = find(tensors, parameter.name);
    if (tensor.shape != parameter.shape) {
      throw Error(ErrorKind::input,
                  "the model's parameter '{}' does not fit the network. Run train_rnn --force again.",
                  parameter.name);
    }
    std::copy(tensor.values.begin(), tensor.values.end(),
              flat.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
  }
  return flat;
}

}  // namespace rnn_rates::infer_write
