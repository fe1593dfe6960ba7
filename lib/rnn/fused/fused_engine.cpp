#include "rnn/fused/fused_engine.hpp"

#include <algorithm>
#include <span>

#include "core/error.hpp"
#include "rnn/fused/choose_kernel.hpp"
#include "rnn/fused/memory.hpp"
#include "rnn/fused/pass.hpp"
#include "rnn/fused/update.hpp"

namespace rnn_rates::rnn {
namespace {

using fused::chunk_lanes;
using fused::Kernel;
using fused::Memory;
using fused::most_vector_lanes;
using fused::Pass;
using fused::Sizes;

fused::Linear linear(const std::vector<Parameter>& all, std::size_t weight, std::size_t bias) {
  return {all[weight].shape[0], all[weight].shape[1], all[weight].offset, all[bias].offset};
}

Sizes sizes_of(const NetworkShape& shape, std::size_t bins, std::size_t trials, const Kernel& kernel) {
  if (shape.layers == 0 || shape.layers > fused::most_layers) {
    throw Error(ErrorKind::config, "the fused engine has 1 to {} recurrent layers, not {}",
                fused::most_layers, shape.layers);
  }
  Sizes s{};
  s.bins = bins;
  s.trials = trials;
  s.lane_trials = std::max(trials, kernel.vector_lanes);
  s.lanes = bins * s.lane_trials;
  s.chunks = (s.lanes + chunk_lanes - 1) / chunk_lanes;
  s.row_lanes = s.chunks * chunk_lanes + most_vector_lanes;
  // Rows a multiple of 4096 bytes apart would fall into the same places of the cache.
  if (s.row_lanes % 1024 == 0) s.row_lanes += most_vector_lanes;
  s.inputs = shape.inputs;
  s.hidden = shape.hidden;
  s.outputs = shape.outputs;
  s.layers = shape.layers;
  s.encoder_mid = shape.encoder_mid();
  s.decoder_mid = shape.decoder_mid();
  s.parameters = parameter_count(shape);
  const std::vector<Parameter> all = parameters(shape);
  s.encoder[0] = linear(all, 0, 1);
  s.encoder[1] = linear(all, 2, 3);
  for (std::size_t l = 0; l < shape.layers; ++l) {
    s.input_to_hidden[l] = linear(all, 4 + 4 * l, 6 + 4 * l);
    s.hidden_to_hidden[l] = linear(all, 5 + 4 * l, 7 + 4 * l);
  }
  s.decoder[0] = linear(all, 4 + 4 * shape.layers, 5 + 4 * shape.layers);
  s.decoder[1] = linear(all, 6 + 4 * shape.layers, 7 + 4 * shape.layers);
  return s;
}

/// (bin, trial, feature) into [chunk][feature][chunk_lanes].
float* chunked(const Array<float, 3>& array, const Sizes& s, Memory& memory) {
  const std::size_t features = array.extent(2);
  float* out = memory.take(s.chunks * features * chunk_lanes);
  for (std::size_t bin = 0; bin < s.bins; ++bin) {
    for (std::size_t trial = 0; trial < s.trials; ++trial) {
      const std::size_t lane = bin * s.lane_trials + trial;
      float* to = out + lane / chunk_lanes * features * chunk_lanes + lane % chunk_lanes;
      for (std::size_t f = 0; f < features; ++f) to[f * chunk_lanes] = array(bin, trial, f);
    }
  }
  return out;
}

Pass make_pass(const NetworkShape& shape, const SequenceData& data, bool with_dropout, const Kernel& kernel,
               Memory& memory) {
  Pass p{};
  p.sizes = sizes_of(shape, data.inputs.extent(0), data.inputs.extent(1), kernel);
  const Sizes& s = p.sizes;
  p.inputs = chunked(data.inputs, s, memory);
  p.targets = chunked(data.targets, s, memory);
  float* weight = memory.take(s.chunks * chunk_lanes);
  for (std::size_t bin = 0; bin < s.bins; ++bin) std::fill_n(weight + bin * s.lane_trials, s.trials, 1.0f);
  p.lane_weight = weight;
  const std::size_t rows = s.hidden * s.row_lanes;
  p.encoder_mid = memory.take(s.chunks * s.encoder_mid * chunk_lanes);
  p.encoded = memory.take(rows);
  for (std::size_t l = 0; l < s.layers; ++l) {
    if (with_dropout) p.dropout[l] = memory.take(rows);
    p.layer_input[l] = memory.take(rows);
    p.state[l] = memory.take(rows);
  }
  p.drive = memory.take(rows);
  p.state_gradient = memory.take(rows);
  p.drive_gradient = memory.take(rows);
  const std::size_t widest = std::max({s.inputs, s.encoder_mid, s.hidden, s.decoder_mid, s.outputs});
  for (float*& scratch : p.chunk_scratch) scratch = memory.take(widest * chunk_lanes);
  p.transposed = memory.take(s.parameters);
  p.sums = memory.take(s.parameters * most_vector_lanes);
  p.gradient = memory.take(s.parameters);
  return p;
}

class FusedEngine final : public Engine {
 public:
  FusedEngine(const NetworkShape& shape, const EngineOptions& options, const SequenceData& train,
              const SequenceData& validation, const std::vector<float>& weights, const Kernel& kernel)
      : parameters_(parameters(shape)),
        options_(options),
        kernel_(kernel),
        train_(make_pass(shape, train, options.dropout > 0.0, kernel, memory_)),
        validation_(
            make_pass(shape, validation.inputs.size() > 0 ? validation : train, false, kernel, memory_)),
        state_{0, weights, std::vector<float>(weights.size()), std::vector<float>(weights.size())} {
    train_.parameters = validation_.parameters = state_.weights.data();
  }

  double train_step() override {
    const double loss = loss_and_gradient();
    fused::update(kernel_, options_.optimizer, parameters_, gradient(), state_);
    return loss;
  }

  double loss_and_gradient() {
    if (options_.dropout > 0.0) kernel_.draw_dropout(train_, options_.seed, state_.step, options_.dropout);
    return kernel_.run(train_, true);
  }

  double validation_loss() override { return kernel_.run(validation_, false); }

  TrainingState state() const override { return state_; }

  void restore(const TrainingState& state) override {
    fused::check_fits(state, state_.weights.size());
    state_ = state;
    train_.parameters = validation_.parameters = state_.weights.data();
  }

  std::span<float> gradient() { return {train_.gradient, state_.weights.size()}; }

 private:
  std::vector<Parameter> parameters_;
  EngineOptions options_;
  const Kernel& kernel_;
  Memory memory_;
  Pass train_, validation_;
  TrainingState state_;
};

std::unique_ptr<FusedEngine> make(const NetworkShape& shape, const EngineOptions& options,
                                  const SequenceData& train, const SequenceData& validation,
                                  const std::vector<float>& weights, const std::string& isa) {
  fused::check_device(options.device);
  if (weights.size() != parameter_count(shape)) {
    throw Error(ErrorKind::bug, "the network has {} weights, got {}", parameter_count(shape), weights.size());
  }
  return std::make_unique<FusedEngine>(shape, options, train, validation, weights, fused::choose_kernel(isa));
}

}  // namespace

std::unique_ptr<Engine> make_fused_engine(const NetworkShape& shape, const EngineOptions& options,
                                          const SequenceData& train, const SequenceData& validation,
                                          const std::vector<float>& weights, const std::string& isa) {
  return make(shape, options, train, validation, weights, isa);
}

std::string best_isa() { return fused::choose_kernel("").isa; }

double loss_and_gradient(const NetworkShape& shape, const EngineOptions& options, const SequenceData& data,
                         const std::vector<float>& weights, std::uint32_t step, const std::string& isa,
                         std::vector<float>& gradient) {
  const auto engine = make(shape, options, data, {}, weights, isa);
  TrainingState state = engine->state();
  state.step = step;
  engine->restore(state);
  const double loss = engine->loss_and_gradient();
  gradient.assign(engine->gradient().begin(), engine->gradient().end());
  return loss;
}

}  // namespace rnn_rates::rnn
