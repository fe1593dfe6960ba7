#pragma once

#include <string>
#include <vector>

#include "artifact/model_file.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/network.hpp"

namespace rnn_rates::infer_write {

using Tensors = std::vector<artifact::NamedTensor>;

/// The sizes that stored parameters imply, for a network of so many inputs, of which `context` are not
/// counts. Throw Error(input) where a parameter is missing.
rnn::NetworkShape autoencoder_shape(const Tensors& tensors, std::size_t inputs, std::size_t components);
rnn::GruShape gru_shape(const Tensors& tensors, std::size_t context);

/// Parameters in the network's flat order. Throws Error(input) where one is missing or of another shape.
std::vector<float> flat_weights(const Tensors& tensors, const std::vector<rnn::Parameter>& parameters);

}  // namespace rnn_rates::infer_write
