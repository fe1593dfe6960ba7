#pragma once

#include <torch/torch.h>

#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "rnn/engine.hpp"
#include "rnn/torch/torch_engine.hpp"

namespace rnn_rates::rnn {

/// Where an engine's tensors lie, on "cpu", "cuda" or "cuda:N", and their type. Sets LibTorch up for fits
/// that run side by side, one thread each. Throws Error(usage) for a device that is not there.
torch::TensorOptions placement(const std::string& device, Precision precision);

inline std::int64_t signed_size(std::size_t count) { return static_cast<std::int64_t>(count); }

/// Same extents.
torch::Tensor to_tensor(const Array<float, 3>& array, const torch::TensorOptions& options);

/// dropout_factors() of the features 0 to features - 1 as (bin, trial, feature).
torch::Tensor dropout_tensor(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, double probability,
                             std::size_t bins, std::size_t trials, std::size_t features,
                             const torch::TensorOptions& options);

/// The parameters of a network with Adam's moments. They lie in blocks, each a storage of its own, because
/// cuDNN reads a recurrent layer from one, and copies and warns at every call where it cannot.
class TorchWeights {
 public:
  /// `tensors_of_block` says how many consecutive parameters make each block; `weights` is flat.
  TorchWeights(std::vector<Parameter> parameters, const std::vector<std::size_t>& tensors_of_block,
               const std::vector<float>& weights, const torch::TensorOptions& placement);

  /// The tensors of a block, the leaves of autograd.
  const std::vector<torch::Tensor>& block(std::size_t index) const { return blocks_[index].tensors; }
  std::uint32_t step() const { return step_; }

  /// One step of the optimizer down the gradient of `loss`; returns its value.
  double descend(const torch::Tensor& loss, const OptimizerOptions& options);
  TrainingState state() const;
  void restore(const TrainingState& state);

 private:
  struct Block {
    torch::Tensor weights, moment1, moment2;  ///< flat
    std::vector<torch::Tensor> tensors;       ///< views of `weights`
  };
  std::vector<float> joined(torch::Tensor Block::*which) const;
  void split(const std::vector<float>& values, torch::Tensor Block::*which);

  std::vector<Parameter> parameters_;
  std::vector<Block> blocks_;
  std::uint32_t step_ = 0;
};

/// `values` (.., feature) through the linear layer whose weight is tensor `first` of the block.
inline torch::Tensor linear(const torch::Tensor& values, const std::vector<torch::Tensor>& block,
                            std::size_t first) {
  return torch::linear(values, block[first], block[first + 1]);
}

}  // namespace rnn_rates::rnn
