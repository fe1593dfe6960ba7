#include "core/error.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "rnn/torch/torch_weights.hpp"

namespace rnn_rates::rnn {
namespace {

using torch::Tensor;

class TorchEngine final : public Engine {
 public:
  TorchEngine(const AutoencoderShape& shape, const AutoencoderOptions& options, const AutoencoderData& train,
              const AutoencoderData& validation, const torch::TensorOptions& placement)
      : shape_(shape),
        options_(options),
        placement_(placement),
        weights_(parameters(shape), std::vector<std::size_t>(shape.layers + 2, 4), placement) {
    const AutoencoderData& checked = validation.inputs.size() > 0 ? validation : train;
    inputs_ = to_tensor(train.inputs, placement_);
    targets_ = to_tensor(train.targets, placement_);
    validation_inputs_ = to_tensor(checked.inputs, placement_);
    validation_targets_ = to_tensor(checked.targets, placement_);
  }

  double train_step() override {
    return weights_.descend(loss(inputs_, targets_, options_.dropout > 0.0), options_.optimizer);
  }
  double validation_loss() override {
    const torch::NoGradGuard untracked;
    return loss(validation_inputs_, validation_targets_, false).item<double>();
  }
  TrainingState state() const override { return weights_.state(); }
  void restore(const TrainingState& state) override { weights_.restore(state); }

 private:
  /// `values` (bin, trial, hidden) times the dropout factors of this step.
  Tensor dropped(const Tensor& values, std::size_t layer) const {
    return values * dropout_tensor(options_.seed, weights_.step(), static_cast<std::uint32_t>(layer),
                                   options_.dropout, static_cast<std::size_t>(values.size(0)),
                                   static_cast<std::size_t>(values.size(1)), shape_.hidden, placement_);
  }
  Tensor loss(const Tensor& inputs, const Tensor& targets, bool drop) const;

  AutoencoderShape shape_;
  AutoencoderOptions options_;
  torch::TensorOptions placement_;
  Tensor inputs_, targets_, validation_inputs_, validation_targets_;
  TorchWeights weights_;  ///< blocks: encoder, recurrent layers, decoder
};

Tensor TorchEngine::loss(const Tensor& inputs, const Tensor& targets, bool drop) const {
  const auto &encoder = weights_.block(0), &decoder = weights_.block(shape_.layers + 1);
  Tensor values = torch::sigmoid(linear(torch::sigmoid(linear(inputs, encoder, 0)), encoder, 2));
  const Tensor start = torch::zeros({1, inputs.size(1), signed_size(shape_.hidden)}, placement_);
  for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
    if (drop) values = dropped(values, layer);
    values = std::get<0>(torch::rnn_tanh(values, start, weights_.block(1 + layer), /*has_biases=*/true,
                                         /*num_layers=*/1, /*dropout=*/0.0,
                                         /*train=*/torch::GradMode::is_enabled(), /*bidirectional=*/false,
                                         /*batch_first=*/false));
  }
  return torch::mse_loss(linear(torch::sigmoid(linear(values, decoder, 0)), decoder, 2), targets);
}

}  // namespace

std::unique_ptr<Engine> make_torch_autoencoder_engine(
    const AutoencoderShape& shape, const AutoencoderOptions& options, const AutoencoderData& train,
    const AutoencoderData& validation, const std::vector<float>& weights, Precision precision) {
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
