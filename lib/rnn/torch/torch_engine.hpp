#pragma once

#include <memory>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

/// What the torch engine computes in. float64 is for the oracle of tests: its state() is rounded to float32,
/// so only float32 fits continue bit for bit.
enum class Precision { float32, float64 };

/// Engine on LibTorch's autograd, for any device; the oracle of the fused engine's tests. `weights` is the
/// flat vector to start from. An empty `validation` (no trials) makes validation_loss() use the training
/// data. LibTorch is set to one thread a fit, in the whole program. Throws Error(usage) for a device that
/// this LibTorch does not have.
std::unique_ptr<Engine> make_torch_engine(const AutoencoderShape& shape, const AutoencoderOptions& options,
                                          const AutoencoderData& train, const AutoencoderData& validation,
                                          const std::vector<float>& weights,
                                          Precision precision = Precision::float32);
/// The same for the masked GRU.
std::unique_ptr<Engine> make_torch_engine(const GruShape& shape, const MaskedGruOptions& options,
                                          const CountData& train, const CountData& validation,
                                          const std::vector<float>& weights,
                                          Precision precision = Precision::float32);

/// CUDA devices that this LibTorch can use; 0 without CUDA.
int cuda_device_count();

}  // namespace rnn_rates::rnn
