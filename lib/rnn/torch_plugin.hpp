#pragma once

#include <memory>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

/// What an engine is made of.
template <class Shape, class Options, class Data>
struct EngineArguments {
  const Shape& shape;
  const Options& options;
  const Data& train;
  const Data& validation;
  const std::vector<float>& weights;
};
using AutoencoderArguments = EngineArguments<AutoencoderShape, AutoencoderOptions, AutoencoderData>;
using GruArguments = EngineArguments<GruShape, MaskedGruOptions, CountData>;

/// make_torch_engine() of rnn/torch/torch_engine.hpp out of librnn_rates_torch.so, which lies beside the
/// program or in ../lib/rnn-rates. It is loaded here, when the engine is asked for, because LibTorch takes a
/// third of a second to load, as long as a whole fit takes on the fused engine. Throws Error(runtime) where
/// it cannot be loaded.
std::unique_ptr<Engine> load_torch_engine(const AutoencoderArguments& arguments);
std::unique_ptr<Engine> load_torch_engine(const GruArguments& arguments);

/// CUDA devices that LibTorch can use. Loads it too.
int torch_cuda_device_count();

}  // namespace rnn_rates::rnn
