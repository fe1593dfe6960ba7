#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

/// Engine that computes exactly this network, forward and backward, in float32 on one CPU core: feature-major
/// rows, SIMD over trials and bins, no autograd and no allocation in a step. `weights` is the flat vector to
/// start from; an empty `validation` makes validation_loss() use the training data. `isa` forces an
/// instruction set, one of usable_isas(); "" takes the best. Throws Error(usage) for another device than
/// "cpu" or an unusable `isa`, and Error(config) for more than 16 recurrent layers.
std::unique_ptr<Engine> make_fused_engine(const AutoencoderShape& shape, const AutoencoderOptions& options,
                                          const AutoencoderData& train, const AutoencoderData& validation,
                                          const std::vector<float>& weights, const std::string& isa = "");

/// The same for the masked GRU, 32 trials at a time, SIMD over trials. Both data must outlive the engine.
std::unique_ptr<Engine> make_fused_engine(const GruShape& shape, const MaskedGruOptions& options,
                                          const CountData& train, const CountData& validation,
                                          const std::vector<float>& weights, const std::string& isa = "");

/// The instruction sets that this machine has, best first: "x86-64-v4", "x86-64-v3", "x86-64-v2", or
/// "portable" on other processors. The first is what make_fused_engine() takes for "".
std::vector<std::string> usable_isas();
/// Whether trainings on these instruction sets give the same bits: x86-64-v3 and v4 do.
bool same_arithmetic(const std::string& isa, const std::string& other);

}  // namespace rnn_rates::rnn
