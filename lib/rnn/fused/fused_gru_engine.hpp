#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

/// Engine that trains a masked GRU, forward and backward in float32 on one CPU core: 32 trials at a time,
/// SIMD over trials, no autograd and no allocation of its own in a step. `weights` is the flat vector to
/// start from; a `validation` without trials makes validation_loss() use the training data. Both data must
/// outlive the engine. `isa` as for make_fused_autoencoder_engine. Throws Error(usage) for another device
/// than "cpu" or an unusable `isa`.
std::unique_ptr<Engine> make_fused_gru_engine(const GruShape& shape, const MaskedGruOptions& options,
                                              const CountData& train, const CountData& validation,
                                              const std::vector<float>& weights, const std::string& isa = "");

/// Loss of the step after `step` steps with its batch, masks and dropout, and its gradient in the order of
/// parameters(); for tests.
double gru_loss_and_gradient(const GruShape& shape, const MaskedGruOptions& options, const CountData& data,
                             const std::vector<float>& weights, std::uint32_t step, const std::string& isa,
                             std::vector<float>& gradient);

}  // namespace rnn_rates::rnn
