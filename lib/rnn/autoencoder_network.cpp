#include "rnn/autoencoder_network.hpp"

#include <cmath>
#include <string>

namespace rnn_rates::rnn {

std::vector<Parameter> parameters(const AutoencoderShape& shape) {
  const std::size_t hidden = shape.hidden;
  const double range = 1.0 / std::sqrt(static_cast<double>(hidden));
  ParameterList list;
  list.add_linear("encoder.0", shape.inputs, shape.encoder_mid());
  list.add_linear("encoder.2", shape.encoder_mid(), hidden);
  for (std::size_t layer = 0; layer < shape.layers; ++layer) {
    const std::string suffix = "_l" + std::to_string(layer);
    list.add("rnn.weight_ih" + suffix, {hidden, hidden}, range);
    list.add("rnn.weight_hh" + suffix, {hidden, hidden}, range);
    list.add("rnn.bias_ih" + suffix, {hidden}, range);
    list.add("rnn.bias_hh" + suffix, {hidden}, range);
  }
  list.add_linear("decoder.0", hidden, shape.decoder_mid());
  list.add_linear("decoder.2", shape.decoder_mid(), shape.outputs);
  return list.take();
}

}  // namespace rnn_rates::rnn
