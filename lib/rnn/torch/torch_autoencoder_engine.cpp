#include <algorithm>

#include "rnn/torch/torch_engine.hpp"
#include "rnn/torch/torch_weights.hpp"

namespace rnn_rates::rnn {
namespace {

using torch::Tensor;

/// Data as tensors.
struct Trials {
  Tensor inputs;
  Tensor targets;  ///< 0 where there is none
  Tensor missing;  ///< (bin, trial, output) true where there is no target
  double scale;    ///< outputs for each one that has a target
};

Trials to_trials(const AutoencoderData& data, const torch::TensorOptions& placement) {
  const Tensor targets = to_tensor(data.targets, placement), missing = targets.isnan();
  const auto known = missing.numel() - missing.sum().item<std::int64_t>();
  return {to_tensor(data.inputs, placement), targets.masked_fill(missing, 0.0), missing,
          static_cast<double>(missing.numel()) / static_cast<double>(std::max<std::int64_t>(known, 1))};
}

class TorchEngine final : public Engine {
 public:
  TorchEngine(const AutoencoderShape& shape, const AutoencoderOptions& options, const AutoencoderData& train,
              const AutoencoderData& validation, const std::vector<float>& weights,
              const torch::TensorOptions& placement)
      : shape_(shape),
        options_(options),
        placement_(placement),
        train_(to_trials(train, placement)),
        validation_(to_trials(validation.inputs.size() > 0 ? validation : train, placement)),
        weights_(parameters(shape), std::vector<std::size_t>(shape.layers + 2, 4), weights, placement) {}

  double train_step() override {
    return weights_.descend(loss(train_, options_.dropout > 0.0), options_.optimizer);
  }
  double validation_loss() override {
    const torch::NoGradGuard untracked;
    return loss(validation_, false).item<double>();
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
  Tensor loss(const Trials& trials, bool drop) const;

  AutoencoderShape shape_;
  AutoencoderOptions options_;
  torch::TensorOptions placement_;
  Trials train_, validation_;
  TorchWeights weights_;  ///< blocks: encoder, recurrent layers, decoder
};

/// Mean squared error of the outputs that have a target.
Tensor TorchEngine::loss(const Trials& trials, bool drop) const {
  const auto &encoder = weights_.block(0), &decoder = weights_.block(shape_.layers + 1);
  Tensor values = torch::sigmoid(linear(torch::sigmoid(linear(trials.inputs, encoder, 0)), encoder, 2));
  const Tensor start = torch::zeros({1, trials.inputs.size(1), signed_size(shape_.hidden)}, placement_);
  for (std::size_t layer = 0; layer < shape_.layers; ++layer) {
    if (drop) values = dropped(values, layer);
    values = std::get<0>(torch::rnn_tanh(values, start, weights_.block(1 + layer), /*has_biases=*/true,
                                         /*num_layers=*/1, /*dropout=*/0.0,
                                         /*train=*/torch::GradMode::is_enabled(), /*bidirectional=*/false,
                                         /*batch_first=*/false));
  }
  const Tensor outputs = linear(torch::sigmoid(linear(values, decoder, 0)), decoder, 2);
  return torch::mse_loss(outputs.masked_fill(trials.missing, 0.0), trials.targets) * trials.scale;
}

}  // namespace

std::unique_ptr<Engine> make_torch_engine(const AutoencoderShape& shape, const AutoencoderOptions& options,
                                          const AutoencoderData& train, const AutoencoderData& validation,
                                          const std::vector<float>& weights, Precision precision) {
  return std::make_unique<TorchEngine>(shape, options, train, validation, weights,
                                       placement(options.device, precision));
}

}  // namespace rnn_rates::rnn
