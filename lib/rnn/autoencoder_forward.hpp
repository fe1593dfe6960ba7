#pragma once

#include <span>

#include "core/array.hpp"
#include "rnn/autoencoder_network.hpp"

namespace rnn_rates::rnn {

struct AutoencoderOutput {
  Array<float, 3> outputs;  ///< (bin, trial, output)
  Array<float, 3> latents;  ///< (bin, trial, hidden): the last recurrent layer
};

/// The network in evaluation mode (no dropout, initial hidden state 0) on `inputs` (bin, trial, input). Plain
/// and portable: for inference, and the reference that the engines are tested against. Throws Error(bug)
/// where `weights` or `inputs` do not fit `shape`.
AutoencoderOutput forward(const AutoencoderShape& shape, std::span<const float> weights,
                          const Array<float, 3>& inputs);

}  // namespace rnn_rates::rnn
