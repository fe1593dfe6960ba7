#include "rnn/torch/torch_engine.hpp"
#include "rnn/torch/torch_weights.hpp"

namespace rnn_rates::rnn {
namespace {

using torch::Tensor;

/// Trials as tensors.
struct Trials {
  Tensor counts;    ///< (bin, trial, unit); 0 where unobserved
  Tensor scaled;    ///< the same of (count - mean) / scale
  Tensor observed;  ///< the same of 1 where observed, else 0
  Tensor context;   ///< (bin, trial, context input)
};

Trials to_trials(const CountData& data, const torch::TensorOptions& placement) {
  const Tensor counts = to_tensor(observed_counts(data), placement).permute({2, 0, 1}).contiguous();
  const Tensor scaled =
      (counts - torch::tensor(data.mean).to(placement)) / torch::tensor(data.scale).to(placement);
  const Tensor unobserved = counts.isnan();
  return {counts.masked_fill(unobserved, 0.0), scaled.masked_fill(unobserved, 0.0),
          unobserved.logical_not().to(placement.dtype()),
          to_tensor(data.context, placement).permute({2, 0, 1}).contiguous()};
}

class TorchGruEngine final : public Engine {
 public:
  TorchGruEngine(const GruShape& shape, const MaskedGruOptions& options, const CountData& train,
                 const CountData& validation, const std::vector<float>& weights,
                 const torch::TensorOptions& placement)
      : shape_(shape),
        options_(options),
        seeds_(seeds_of(options)),
        placement_(placement),
        train_(to_trials(train, placement)),
        validation_(to_trials(validation.counts.size() > 0 ? validation : train, placement)),
        weights_(parameters(shape), {4 * shape.directions, 1, 2}, weights, placement) {}

  double train_step() override {
    const auto trials = static_cast<std::size_t>(train_.counts.size(1));
    const auto batch = batch_trials(seeds_.batch, weights_.step(), trials, options_.batch);
    const std::vector<std::int64_t> wide(batch.begin(), batch.end());
    const Tensor chosen = torch::tensor(wide, torch::kInt64).to(placement_.device());
    const Trials data{train_.counts.index_select(1, chosen), train_.scaled.index_select(1, chosen),
                      train_.observed.index_select(1, chosen), train_.context.index_select(1, chosen)};
    const Tensor value = loss(data, options_.mask, seeds_.mask, weights_.step(), options_.dropout > 0.0);
    return weights_.descend(value, options_.optimizer);
  }

  double validation_loss() override {
    const torch::NoGradGuard untracked;
    double total = 0;
    for (std::uint32_t mask = 0; mask < validation_masks; ++mask)
      total += loss(validation_, scored_mask, seeds_.validation_mask, mask, false).item<double>();
    return total / validation_masks;
  }

  TrainingState state() const override { return weights_.state(); }
  void restore(const TrainingState& state) override { weights_.restore(state); }

 private:
  Tensor factors(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step, std::size_t bins,
                 std::size_t trials) const;
  Tensor log_rates(const Tensor& inputs, bool drop) const;
  Tensor loss(const Trials& data, const MaskOptions& mask, std::uint64_t mask_seed, std::uint32_t step,
              bool drop) const;

  GruShape shape_;
  MaskedGruOptions options_;
  MaskedGruSeeds seeds_;
  torch::TensorOptions placement_;
  Trials train_, validation_;
  TorchWeights weights_;  ///< blocks: GRU, factors, read-out
};

/// Factors (bin, trial, unit).
Tensor TorchGruEngine::factors(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step,
                               std::size_t bins, std::size_t trials) const {
  const MaskPhase where = mask_phase(mask, seed, step, bins);
  return dropout_tensor(seed, step, 0, mask.probability, where.blocks, trials, shape_.units, placement_)
      .repeat_interleave(mask.block_bins, 0)
      .narrow(0, signed_size(where.phase), signed_size(bins));
}

Tensor TorchGruEngine::log_rates(const Tensor& inputs, bool drop) const {
  const std::int64_t bins = inputs.size(0), trials = inputs.size(1);
  const Tensor start =
      torch::zeros({signed_size(shape_.directions), trials, signed_size(shape_.hidden)}, placement_);
  Tensor states =
      std::get<0>(torch::gru(inputs, start, weights_.block(0), /*has_biases=*/true, /*num_layers=*/1,
                             /*dropout=*/0.0, /*train=*/torch::GradMode::is_enabled(),
                             /*bidirectional=*/shape_.directions == 2, /*batch_first=*/false));
  if (drop)
    states = states * dropout_tensor(seeds_.dropout, weights_.step(), 0, options_.dropout,
                                     static_cast<std::size_t>(bins), static_cast<std::size_t>(trials),
                                     shape_.states(), placement_);
  const Tensor factors = torch::linear(states, weights_.block(1)[0]);
  return linear(factors, weights_.block(2), 0).clamp(lowest_log_rate, highest_log_rate);
}

/// Mean of exp(o) - c o over the observed entries that are hidden.
Tensor TorchGruEngine::loss(const Trials& data, const MaskOptions& mask, std::uint64_t mask_seed,
                            std::uint32_t step, bool drop) const {
  const Tensor kept = factors(mask, mask_seed, step, static_cast<std::size_t>(data.counts.size(0)),
                              static_cast<std::size_t>(data.counts.size(1)));
  const Tensor hidden = kept.eq(0.0) * data.observed;
  const Tensor rates = log_rates(torch::cat({data.scaled * kept, data.context}, 2), drop);
  return ((rates.exp() - data.counts * rates) * hidden).sum() / hidden.sum().clamp_min(1.0);
}

}  // namespace

std::unique_ptr<Engine> make_torch_engine(const GruShape& shape, const MaskedGruOptions& options,
                                          const CountData& train, const CountData& validation,
                                          const std::vector<float>& weights, Precision precision) {
  return std::make_unique<TorchGruEngine>(shape, options, train, validation, weights,
                                          placement(options.device, precision));
}

}  // namespace rnn_rates::rnn
