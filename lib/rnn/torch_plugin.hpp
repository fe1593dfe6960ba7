#pragma once

#include <memory>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

struct TorchEngineArguments {
  const AutoencoderShape& shape;
  const AutoencoderOptions& options;
  const AutoencoderData& train;
  const AutoencoderData& validation;
  const std::vector<float>& weights;
};

struct TorchGruEngineArguments {
  const GruShape& shape;
  const MaskedGruOptions& options;
  const CountData& train;
  const CountData& validation;
  const std::vector<float>& weights;
};

/// make_torch_autoencoder_engine of rnn/torch/torch_engine.hpp out of librnn_rates_torch.so, which lies
/// beside the program or in
/// ../lib/rnn-rates. It is loaded here, when the engine is asked for, because LibTorch takes a third of a
/// second to load, as long as a whole fit takes on the fused engine. Throws Error(runtime) where it cannot be
/// loaded.
std::unique_ptr<Engine> load_torch_engine(const TorchEngineArguments& arguments);
std::unique_ptr<Engine> load_torch_engine(const TorchGruEngineArguments& arguments);

/// CUDA devices that LibTorch can use. Loads it too.
int torch_cuda_device_count();

}  // namespace rnn_rates::rnn
