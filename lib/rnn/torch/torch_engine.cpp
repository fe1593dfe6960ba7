#include "rnn/torch/torch_engine.hpp"

#include <dlfcn.h>
#include <torch/torch.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <span>
#include <string_view>

#include "core/error.hpp"
#include "rnn/dropout.hpp"

namespace rnn_rates::rnn {
namespace {

using torch::Tensor;

std::int64_t signed_size(std::size_t count) { return static_cast<std::int64_t>(count); }

/// Fits run side by side, one thread each; OpenBLAS, Debian's usual BLAS of LibTorch, has threads of its own
/// that LibTorch does not set. CUDA shall compute in full float32, as the CPU does.
void set_up_torch() {
  static std::once_flag first_engine;
  std::call_once(first_engine, [] {
    torch::set_num_threads(1);
    void* const found = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
    if (found != nullptr) reinterpret_cast<void (*)(int)>(found)(1);
    at::globalContext().setAllowTF32CuDNN(false);
  });
}

/// "cpu", "cuda" or "cuda:N", and there.
torch::Device find_device(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  const std::string_view number = name.starts_with("cuda:") ? std::string_view(name).substr(5) : "0";
  int ordinal = -1;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), ordinal);
  const bool read = problem == std::errc{} && end == number.data() + number.size() && ordinal >= 0;
  if (!read || (name != "cuda" && !name.starts_with("cuda:")))
    throw Error(ErrorKind::usage, "device \"{}\" is not known; use \"cpu\", \"cuda\" or \"cuda:N\"", name);
  const int devices = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (devices == 0)
    throw Error(
        ErrorKind::usage,
        "device \"{}\" was asked for, but LibTorch {} sees no CUDA device; use device \"cpu\", or build "
        "with a LibTorch for CUDA (pytorch.org) and check the driver with nvidia-smi",
        name, torch_version());
  if (ordinal >= devices)
    throw Error(ErrorKind::usage, "device \"{}\" was asked for, but there are {}: \"cuda:0\" to \"cuda:{}\"",
                name, devices, devices - 1);
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(ordinal)};
}

Tensor to_tensor(const Array<float, 3>& array, const torch::TensorOptions& options) {
  const std::vector<std::int64_t> sizes{signed_size(array.extent(0)), signed_size(array.extent(1)),
                                        signed_size(array.extent(2))};
  Tensor tensor = torch::empty(sizes, torch::kFloat32);
  std::copy(array.values().begin(), array.values().end(), tensor.data_ptr<float>());
  return tensor.to(options);
}

std::vector<float> to_vector(const Tensor& tensor) {
  const Tensor here = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  return {here.data_ptr<float>(), here.data_ptr<float>() + here.numel()};
}

/// Four named tensors: the encoder, one recurrent layer or the decoder. Each block is a storage of its own
/// because cuDNN reads a recurrent layer from one, and copies and warns at every call where it cannot.
struct Block {
  Tensor weights, moment1, moment2;  ///< flat
  std::vector<Tensor> tensors;       ///< views of `weights`, the leaves of autograd
};
constexpr std::size_t tensors_per_block = 4;

std::vector<Block> make_blocks(const NetworkShape& shape, const torch::TensorOptions& placement) {
  const std::vector<Parameter> all = parameters(shape);
  std::vector<Block> blocks;
  for (std::size_t first = 0; first < all.size(); first += tensors_per_block) {
    const std::span parts(&all[first], tensors_per_block);
    const std::size_t count = parts.back().offset + parts.back().size() - parts.front().offset;
    const Tensor zeros = torch::zeros({signed_size(count)}, placement);
    Block block{zeros, zeros.clone(), zeros.clone(), {}};
    for (const Parameter& part : parts) {
      const std::vector<std::int64_t> sizes(part.shape.begin(), part.shape.end());
      const auto start = signed_size(part.offset - parts.front().offset);
      const Tensor view = block.weights.narrow(0, start, signed_size(part.size())).view(sizes);
      block.tensors.push_back(view.detach().requires_grad_(true));
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

/// `values` (bin, trial, feature) through the linear layer whose weight is tensor `first` of the block.
Tensor linear(const Tensor& values, const Block& block, std::size_t first) {
  return torch::linear(values, block.tensors[first], block.tensors[first + 1]);
}

class TorchEngine final : public Engine {
 public:
  TorchEngine(const NetworkShape& shape, const EngineOptions& options, const SequenceData& train,
              const SequenceData& validation, const torch::TensorOptions& placement);

  double train_step() override;
  double validation_loss() override;
  TrainingState state() const override;
  void restore(const TrainingState& state) override;

 private:
  Tensor loss(const Tensor& inputs, const Tensor& targets, bool drop) const;
  Tensor dropped(const Tensor& values, std::size_t layer) const;
  void update(Block& block, const Tensor& gradient) const;
  std::vector<float> joined(Tensor Block::*which) const;
  void split(const std::vector<float>& values, Tensor Block::*which);

  NetworkShape shape_;
  EngineOptions options_;
  torch::TensorOptions placement_;
  Tensor inputs_, targets_, validation_inputs_, validation_targets_;
  std::vector<Block> blocks_;  ///< encoder, recurrent layers, decoder
  std::uint32_t step_ = 0;
};

TorchEngine::TorchEngine(const NetworkShape& shape, const EngineOptions& options, const SequenceData& train,
                         const SequenceData& validation, const torch::TensorOptions& placement)
    : shape_(shape), options_(options), placement_(placement), blocks_(make_blocks(shape, placement)) {
  const SequenceData& checked = validation.inputs.size() > 0 ? validation : train;
  inputs_ = to_tensor(train.inputs, placement_);
  targets_ = to_tensor(train.targets, placement_);
  validation_inputs_ = to_tensor(checked.inputs, placement_);
  validation_targets_ = to_tensor(checked.targets, placement_);
}

/// `values` (bin, trial, hidden) times the dropout factors of this step.
Tensor TorchEngine::dropped(const Tensor& values, std::size_t layer) const {
  const std::int64_t bins = values.size(0), trials = values.size(1);
  const auto lanes = static_cast<std::size_t>(bins * trials);
  const Tensor factors = torch::empty({values.size(2), bins, trials}, torch::kFloat32);
  for (std::size_t feature = 0; feature < shape_.hidden; ++feature)
    dropout_factors(options_.seed, step_, static_cast<std::uint32_t>(layer),
                    static_cast<std::uint32_t>(feature), options_.dropout,
                    {factors.data_ptr<float>() + feature * lanes, lanes});
  return values * factors.permute({1, 2, 0}).to(placement_);
}

Tensor TorchEngine::loss(const Tensor& inputs, const Tensor& targets, bool drop) const {
  const Block &encoder = blocks_.front(), &decoder = blocks_.back();
  Tensor values = torch::sigmoid(linear(torch::sigmoid(linear(inputs, encoder, 0)), encoder, 2));
  const Tensor start = torch::zeros({1, inputs.size(1), signed_size(shape_.hidden)}, placement_);
  for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
    if (drop) values = dropped(values, layer);
    values = std::get<0>(torch::rnn_tanh(values, start, blocks_[1 + layer].tensors, /*has_biases=*/true,
                                         /*num_layers=*/1, /*dropout=*/0.0,
                                         /*train=*/torch::GradMode::is_enabled(), /*bidirectional=*/false,
                                         /*batch_first=*/false));
  }
  return torch::mse_loss(linear(torch::sigmoid(linear(values, decoder, 0)), decoder, 2), targets);
}

/// Adam (Kingma and Ba, 2015), operation by operation as torch.optim.Adam.
void TorchEngine::update(Block& block, const Tensor& gradient) const {
  constexpr double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  const double correction1 = 1.0 - std::pow(beta1, step_), correction2 = 1.0 - std::pow(beta2, step_);
  block.moment1.mul_(beta1).add_(gradient, 1.0 - beta1);
  block.moment2.mul_(beta2).addcmul_(gradient, gradient, 1.0 - beta2);
  const Tensor denominator = block.moment2.sqrt().div_(std::sqrt(correction2)).add_(epsilon);
  block.weights.addcdiv_(block.moment1, denominator, -options_.learning_rate / correction1);
}

double TorchEngine::train_step() {
  const Tensor value = loss(inputs_, targets_, options_.dropout > 0.0);
  std::vector<Tensor> leaves;
  for (const Block& block : blocks_) leaves.insert(leaves.end(), block.tensors.begin(), block.tensors.end());
  const std::vector<Tensor> gradients = torch::autograd::grad({value}, leaves);
  auto gradient = gradients.begin();
  ++step_;
  for (Block& block : blocks_) {
    std::vector<Tensor> flat;
    for (std::size_t i = 0; i < tensors_per_block; ++i) flat.push_back((gradient++)->flatten());
    update(block, torch::cat(flat));
  }
  return value.item<double>();
}

double TorchEngine::validation_loss() {
  const torch::NoGradGuard untracked;
  return loss(validation_inputs_, validation_targets_, false).item<double>();
}

std::vector<float> TorchEngine::joined(Tensor Block::*which) const {
  std::vector<Tensor> parts;
  for (const Block& block : blocks_) parts.push_back(block.*which);
  return to_vector(torch::cat(parts));
}

void TorchEngine::split(const std::vector<float>& values, Tensor Block::*which) {
  if (values.size() != parameter_count(shape_))
    throw Error(ErrorKind::bug, "the network has {} weights, the state to restore has {}",
                parameter_count(shape_), values.size());
  auto next = values.begin();
  for (Block& block : blocks_) {
    const Tensor part = torch::empty({(block.*which).numel()}, torch::kFloat32);
    std::copy_n(next, part.numel(), part.data_ptr<float>());
    (block.*which).copy_(part);
    next += part.numel();
  }
}

TrainingState TorchEngine::state() const {
  return {step_, joined(&Block::weights), joined(&Block::moment1), joined(&Block::moment2)};
}

void TorchEngine::restore(const TrainingState& state) {
  step_ = state.step;
  split(state.weights, &Block::weights);
  split(state.moment1, &Block::moment1);
  split(state.moment2, &Block::moment2);
}

}  // namespace

std::unique_ptr<Engine> make_torch_engine(const NetworkShape& shape, const EngineOptions& options,
                                          const SequenceData& train, const SequenceData& validation,
                                          const std::vector<float>& weights, Precision precision) {
  set_up_torch();
  const auto type = precision == Precision::float64 ? torch::kFloat64 : torch::kFloat32;
  const auto placement = torch::TensorOptions().device(find_device(options.device)).dtype(type);
  auto engine = std::make_unique<TorchEngine>(shape, options, train, validation, placement);
  const std::vector<float> zeros(weights.size());
  engine->restore({0, weights, zeros, zeros});
  return engine;
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace rnn_rates::rnn
