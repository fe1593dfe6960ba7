#pragma once

#include <memory>

#include "rnn/engine.hpp"

namespace rnn_rates::rnn {

/// Engine on LibTorch's autograd, for any device; the oracle of the fused engine's tests. `weights` is the flat
/// vector to start from. An empty `validation` (no trials) makes validation_loss() use the training data.
/// Throws Error(usage) for a device that this LibTorch does not have.
std::unique_ptr<Engine> make_torch_engine(const NetworkShape& shape, const EngineOptions& options,
                                          const SequenceData& train, const SequenceData& validation,
                                          const std::vector<float>& weights);

/// Version text of the LibTorch in use.
std::string torch_version();

}  // namespace rnn_rates::rnn
