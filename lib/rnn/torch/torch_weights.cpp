#include "rnn/torch/torch_weights.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <string_view>

#include "core/error.hpp"
#include "rnn/adam.hpp"
#include "rnn/dropout.hpp"

namespace rnn_rates::rnn {
namespace {

using torch::Tensor;

std::vector<float> to_vector(const Tensor& tensor) {
  const Tensor here = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  return {here.data_ptr<float>(), here.data_ptr<float>() + here.numel()};
}

/// Adam, operation by operation as torch.optim.Adam.
void adam(Tensor& weights, Tensor& moment1, Tensor& moment2, const Tensor& gradient, double learning_rate,
          std::uint32_t step) {
  const double correction1 = 1.0 - std::pow(adam_beta1, step), correction2 = 1.0 - std::pow(adam_beta2, step);
  moment1.mul_(adam_beta1).add_(gradient, 1.0 - adam_beta1);
  moment2.mul_(adam_beta2).addcmul_(gradient, gradient, 1.0 - adam_beta2);
  const Tensor denominator = moment2.sqrt().div_(std::sqrt(correction2)).add_(adam_epsilon);
  weights.addcdiv_(moment1, denominator, -learning_rate / correction1);
}

/// clip_factor() without bringing the gradients to the CPU.
Tensor clip_factor(const std::vector<Tensor>& gradients, double clip) {
  std::vector<Tensor> squares;
  for (const Tensor& gradient : gradients) squares.push_back(gradient.square().sum());
  return (clip / (torch::stack(squares).sum().sqrt() + 1e-6)).clamp_max(1.0);
}

/// Once, for fits that run side by side, one thread each.
void set_up_torch() {
  static std::once_flag first_engine;
  std::call_once(first_engine, [] {
    torch::set_num_threads(1);
    // OpenBLAS, Debian's usual BLAS of LibTorch, has threads of its own that LibTorch does not set.
    void* const found = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
    if (found != nullptr) reinterpret_cast<void (*)(int)>(found)(1);
    // CUDA shall compute in full float32, as the CPU does.
    at::globalContext().setAllowTF32CuDNN(false);
  });
}

torch::Device find_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  const std::string_view number = name.starts_with("cuda:") ? std::string_view(name).substr(5) : "0";
  int ordinal = -1;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), ordinal);
  const bool read = problem == std::errc{} && end == number.data() + number.size() && ordinal >= 0;
  if (!read || (name != "cuda" && !name.starts_with("cuda:")))
    throw Error(ErrorKind::usage, "device \"{}\" is not known; use \"cpu\", \"cuda\" or \"cuda:N\"", name);
  const int devices = cuda_device_count();
  if (devices == 0)
    throw Error(
        ErrorKind::usage,
        "device \"{}\" was asked for, but LibTorch {} sees no CUDA device; use device \"cpu\", or build "
        "with a LibTorch for CUDA (pytorch.org) and check the driver with nvidia-smi",
        name, TORCH_VERSION);
  if (ordinal >= devices)
    throw Error(ErrorKind::usage, "device \"{}\" was asked for, but there are {}: \"cuda:0\" to \"cuda:{}\"",
                name, devices, devices - 1);
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(ordinal)};
}

}  // namespace

int cuda_device_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

torch::TensorOptions placement(const std::string& device, Precision precision) {
  set_up_torch();
  return torch::TensorOptions()
      .device(find_device(device))
      .dtype(precision == Precision::float64 ? torch::kFloat64 : torch::kFloat32);
}

Tensor to_tensor(const Array<float, 3>& array, const torch::TensorOptions& options) {
  const std::vector<std::int64_t> sizes{signed_size(array.extent(0)), signed_size(array.extent(1)),
                                        signed_size(array.extent(2))};
  Tensor tensor = torch::empty(sizes, torch::kFloat32);
  std::copy(array.values().begin(), array.values().end(), tensor.data_ptr<float>());
  return tensor.to(options);
}

Tensor dropout_tensor(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, double probability,
                      std::size_t bins, std::size_t trials, std::size_t features,
                      const torch::TensorOptions& options) {
  const Tensor factors =
      torch::empty({signed_size(features), signed_size(bins), signed_size(trials)}, torch::kFloat32);
  for (std::size_t feature = 0; feature < features; ++feature)
    dropout_factors(seed, step, layer, static_cast<std::uint32_t>(feature), probability,
                    {factors.data_ptr<float>() + feature * bins * trials, bins * trials});
  return factors.permute({1, 2, 0}).to(options);
}

TorchWeights::TorchWeights(std::vector<Parameter> parameters,
                           const std::vector<std::size_t>& tensors_of_block,
                           const std::vector<float>& weights, const torch::TensorOptions& placement)
    : parameters_(std::move(parameters)) {
  std::size_t first = 0;
  for (const std::size_t tensors : tensors_of_block) {
    const std::span parts(&parameters_[first], tensors);
    const std::size_t count = parts.back().offset + parts.back().size() - parts.front().offset;
    const Tensor zeros = torch::zeros({signed_size(count)}, placement);
    Block block{zeros, zeros.clone(), zeros.clone(), {}};
    for (const Parameter& part : parts) {
      const std::vector<std::int64_t> sizes(part.shape.begin(), part.shape.end());
      const auto start = signed_size(part.offset - parts.front().offset);
      const Tensor view = block.weights.narrow(0, start, signed_size(part.size())).view(sizes);
      block.tensors.push_back(view.detach().requires_grad_(true));
    }
    blocks_.push_back(std::move(block));
    first += tensors;
  }
  const std::vector<float> zeros(weights.size());
  restore({0, weights, zeros, zeros});
}

double TorchWeights::descend(const Tensor& loss, const OptimizerOptions& options) {
  std::vector<Tensor> leaves;
  for (const Block& block : blocks_) leaves.insert(leaves.end(), block.tensors.begin(), block.tensors.end());
  const std::vector<Tensor> gradients = torch::autograd::grad({loss}, leaves);
  const torch::NoGradGuard untracked;
  const double rate = learning_rate_at(options, step_);
  const Tensor factor = options.clip > 0.0 ? clip_factor(gradients, options.clip) : Tensor();
  auto gradient = gradients.begin();
  ++step_;
  for (Block& block : blocks_) {
    std::vector<Tensor> flat;
    for (Tensor& tensor : block.tensors) {
      flat.push_back((gradient++)->flatten());
      if (options.weight_decay > 0.0 && tensor.dim() > 1) tensor.mul_(1.0 - rate * options.weight_decay);
    }
    Tensor joined_gradient = torch::cat(flat);
    if (factor.defined()) joined_gradient = joined_gradient * factor;
    adam(block.weights, block.moment1, block.moment2, joined_gradient, rate, step_);
  }
  return loss.item<double>();
}

std::vector<float> TorchWeights::joined(Tensor Block::*which) const {
  std::vector<Tensor> parts;
  for (const Block& block : blocks_) parts.push_back(block.*which);
  return to_vector(torch::cat(parts));
}

void TorchWeights::split(const std::vector<float>& values, Tensor Block::*which) {
  const std::size_t count = parameter_count(parameters_);
  if (values.size() != count)
    throw Error(ErrorKind::bug, "the network has {} weights, the state to restore has {}", count,
                values.size());
  auto next = values.begin();
  for (Block& block : blocks_) {
    const Tensor part = torch::empty({(block.*which).numel()}, torch::kFloat32);
    std::copy_n(next, part.numel(), part.data_ptr<float>());
    (block.*which).copy_(part);
    next += part.numel();
  }
}

TrainingState TorchWeights::state() const {
  return {step_, joined(&Block::weights), joined(&Block::moment1), joined(&Block::moment2)};
}

void TorchWeights::restore(const TrainingState& state) {
  step_ = state.step;
  split(state.weights, &Block::weights);
  split(state.moment1, &Block::moment1);
  split(state.moment2, &Block::moment2);
}

}  // namespace rnn_rates::rnn
