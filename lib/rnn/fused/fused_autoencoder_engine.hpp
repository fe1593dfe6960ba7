#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rnn/engine.hpp"

namespace rnn_rates::rnn {

/// Engine that computes exactly this network, forward and backward, in float32 on one CPU core: feature-major
/// rows, SIMD over trials and bins, no autograd and no allocation in a step. `weights` is the flat vector to
/// start from; an empty `validation` makes validation_loss() use the training data. `isa` forces an
/// instruction set (see choose_kernel.hpp), "" takes the best. Throws Error(usage) for another device than
/// "cpu" or an unusable `isa`, and Error(config) for more than 16 recurrent layers.
std::unique_ptr<Engine> make_fused_autoencoder_engine(
    const AutoencoderShape& shape, const AutoencoderOptions& options, const AutoencoderData& train,
    const AutoencoderData& validation, const std::vector<float>& weights, const std::string& isa = "");

/// The instruction sets that this machine has, best first: the first is what make_fused_autoencoder_engine
/// takes for "".
std::vector<std::string> usable_isas();
/// Whether trainings on these instruction sets give the same bits: x86-64-v3 and v4 do.
bool same_arithmetic(const std::string& isa, const std::string& other);

/// Loss of `data` with the dropout of `step`, and its gradient in the order of parameters(); for tests.
double loss_and_gradient(const AutoencoderShape& shape, const AutoencoderOptions& options,
                         const AutoencoderData& data, const std::vector<float>& weights, std::uint32_t step,
                         const std::string& isa, std::vector<float>& gradient);

}  // namespace rnn_rates::rnn
