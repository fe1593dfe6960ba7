#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rnn/parameter.hpp"

namespace rnn_rates::rnn {

/// Sizes of the autoencoder RNN: encoder Linear(inputs, encoder_mid) Sigmoid Linear(encoder_mid, hidden)
/// Sigmoid; `layers` tanh recurrent layers of `hidden`; decoder Linear(hidden, decoder_mid) Sigmoid
/// Linear(decoder_mid, outputs). The network of BlechRNN's autoencoderRNN.
struct AutoencoderShape {
  std::size_t inputs = 0;
  std::size_t hidden = 0;
  std::size_t outputs = 0;
  std::size_t layers = 2;

  std::size_t encoder_mid() const { return (inputs + hidden) / 2; }
  std::size_t decoder_mid() const { return (hidden + outputs) / 2; }
  bool operator==(const AutoencoderShape&) const = default;
};

/// Every parameter in flat order: encoder.0, encoder.2, rnn layer by layer (weight_ih, weight_hh, bias_ih,
/// bias_hh), decoder.0, decoder.2; for linear layers weight then bias. Initial ranges are PyTorch's defaults,
/// 1/sqrt(fan_in), 1/sqrt(hidden) for the recurrent layers.
std::vector<Parameter> parameters(const AutoencoderShape& shape);

}  // namespace rnn_rates::rnn
