#include <algorithm>
#include <cmath>
#include <span>

#include "core/error.hpp"
#include "rnn/fused/engine_base.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/memory.hpp"

namespace rnn_rates::rnn {
namespace {

using fused::Kernel;
using fused::Memory;
using fused::Pass;
using fused::Sizes;
using fused::sum_lanes;

fused::Linear linear(const std::vector<Parameter>& all, std::size_t weight, std::size_t bias) {
  return {all[weight].shape[0], all[weight].shape[1], all[weight].offset, all[bias].offset};
}

/// Floats from one row of `lanes` to the next: an odd number of cache lines, so that rows spread over the
/// places of the cache.
std::size_t row_stride(std::size_t lanes) {
  const std::size_t cache_lines = (lanes + 15) / 16;
  return (cache_lines + 1 - cache_lines % 2) * 16;
}

Sizes sizes_of(const AutoencoderShape& shape, std::size_t bins, std::size_t trials) {
  if (shape.layers == 0 || shape.layers > fused::most_layers) {
    throw Error(ErrorKind::config, "the fused engine has 1 to {} recurrent layers, not {}",
                fused::most_layers, shape.layers);
  }
  Sizes s{};
  s.bins = bins;
  s.trials = trials;
  s.lane_trials = std::max(trials, fused::sum_lanes);
  s.lanes = bins * s.lane_trials;
  s.chunks = (s.lanes + fused::most_chunk_lanes - 1) / fused::most_chunk_lanes;
  s.chunk_lanes = fused::round_up((s.lanes + s.chunks - 1) / s.chunks, fused::chunk_step);
  s.chunk_stride = row_stride(s.chunk_lanes);
  s.row_lanes =
      row_stride(std::max(s.chunks * s.chunk_lanes, fused::round_up(s.lanes, fused::dropout_lanes)));
  s.inputs = shape.inputs;
  s.hidden = shape.hidden;
  s.outputs = shape.outputs;
  s.layers = shape.layers;
  s.encoder_mid = shape.encoder_mid();
  s.decoder_mid = shape.decoder_mid();
  s.parameters = parameter_count(parameters(shape));
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

/// Trials [first, first + count) of (bin, trial, feature) into [chunk][feature][chunk_stride].
float* chunked(const Array<float, 3>& array, std::size_t first, std::size_t count, const Sizes& s,
               Memory& memory) {
  const std::size_t features = array.extent(2);
  float* out = memory.take(s.chunks * features * s.chunk_stride);
  for (std::size_t bin = 0; bin < s.bins; ++bin) {
    for (std::size_t trial = 0; trial < count; ++trial) {
      const std::size_t lane = bin * s.lane_trials + trial;
      float* to = out + lane / s.chunk_lanes * features * s.chunk_stride + lane % s.chunk_lanes;
      for (std::size_t f = 0; f < features; ++f) to[f * s.chunk_stride] = array(bin, first + trial, f);
    }
  }
  return out;
}

/// A pass's arrays but for the data, for groups of the sizes given.
Pass make_pass(const Sizes& s, double dropout, Memory& memory) {
  Pass p{};
  p.sizes = s;
  p.kept = static_cast<float>(1.0 - dropout);
  const std::size_t rows = s.hidden * s.row_lanes;
  p.encoder_mid = memory.take(s.chunks * s.encoder_mid * s.chunk_stride);
  for (std::size_t l = 0; l < s.layers; ++l) {
    if (dropout > 0.0) p.dropout[l] = memory.take(rows);
    p.layer_input[l] = memory.take(rows);
    p.state[l] = memory.take(rows);
  }
  for (float*& gradient : p.state_gradient) gradient = memory.take(rows);
  p.drive_gradient = memory.take(rows);
  for (float*& carried : p.carried) carried = memory.take(s.hidden * (s.lane_trials + 4 * sum_lanes));
  p.biases = memory.take(s.hidden);
  const std::size_t widest = std::max({s.encoder_mid, s.decoder_mid, s.outputs});
  for (float*& scratch : p.chunk_scratch) scratch = memory.take(widest * s.chunk_stride);
  p.transposed = memory.take(s.parameters);
  p.sums = memory.take(s.parameters * sum_lanes);
  p.gradient = memory.take(s.parameters);
  return p;
}

/// A set of trials in groups, and the arrays that one group after another is computed in.
class Trials {
 public:
  Trials(const AutoencoderShape& shape, const AutoencoderData& data, double dropout, const Kernel& kernel)
      : kernel_(kernel), trials_(data.inputs.extent(1)), dropout_(dropout) {
    const std::size_t bins = data.inputs.extent(0);
    const std::size_t count =
        std::max<std::size_t>(1, (trials_ + fused::most_group_trials - 1) / fused::most_group_trials);
    pass_ = make_pass(sizes_of(shape, bins, (trials_ + count - 1) / count), dropout, memory_);
    const Sizes& s = pass_.sizes;
    const auto targets = data.targets.values();
    const auto known = std::count_if(targets.begin(), targets.end(), [](float t) { return !std::isnan(t); });
    const auto weight = static_cast<float>(2.0 / std::max(static_cast<double>(known), 1.0));
    for (std::size_t first = 0; first < trials_; first += s.trials) {
      const std::size_t here = std::min(s.trials, trials_ - first);
      float* weights = memory_.take(s.row_lanes);
      for (std::size_t bin = 0; bin < bins; ++bin) std::fill_n(weights + bin * s.lane_trials, here, weight);
      groups_.push_back({first, here, chunked(data.inputs, first, here, s, memory_),
                         chunked(data.targets, first, here, s, memory_), weights});
    }
    dropout_stride_ = fused::round_up(bins * trials_, fused::dropout_lanes);
    // The lanes of a single group without padding are those of the draw.
    if (dropout > 0.0 && (groups_.size() > 1 || s.lane_trials > trials_))
      drawn_ = memory_.take(s.layers * s.hidden * dropout_stride_);
  }

  void draw_dropout(std::uint64_t seed, std::uint32_t step) {
    const Sizes& s = pass_.sizes;
    for (std::size_t l = 0; l < s.layers; ++l) {
      for (std::size_t m = 0; m < s.hidden; ++m) {
        float* row = drawn_ != nullptr ? drawn_ + (l * s.hidden + m) * dropout_stride_
                                       : pass_.dropout[l] + m * s.row_lanes;
        kernel_.dropout_row(seed, step, static_cast<std::uint32_t>(l), static_cast<std::uint32_t>(m),
                            dropout_, s.bins * trials_, row);
      }
    }
  }

  /// Mean squared error with these weights; with `backward` also the gradient.
  double run(const float* weights, bool backward) {
    pass_.parameters = weights;
    kernel_.begin(pass_);
    double loss = 0;
    for (const Group& group : groups_) {
      pass_.first = &group == groups_.data();
      pass_.inputs = group.inputs;
      pass_.targets = group.targets;
      pass_.lane_weight = group.lane_weight;
      if (drawn_ != nullptr) take_dropout(group);
      loss += kernel_.run(pass_, backward);
    }
    if (backward) kernel_.finish(pass_);
    return loss;
  }

  std::span<float> gradient() { return {pass_.gradient, pass_.sizes.parameters}; }

 private:
  struct Group {
    std::size_t first, count;
    const float *inputs, *targets, *lane_weight;
  };

  /// From the rows drawn for all trials to the group's lanes.
  void take_dropout(const Group& group) {
    const Sizes& s = pass_.sizes;
    for (std::size_t l = 0; l < s.layers; ++l) {
      for (std::size_t m = 0; m < s.hidden; ++m) {
        const float* from = drawn_ + (l * s.hidden + m) * dropout_stride_ + group.first;
        float* to = pass_.dropout[l] + m * s.row_lanes;
        for (std::size_t bin = 0; bin < s.bins; ++bin)
          std::copy_n(from + bin * trials_, group.count, to + bin * s.lane_trials);
      }
    }
  }

  const Kernel& kernel_;
  Memory memory_;
  std::size_t trials_, dropout_stride_ = 0;
  double dropout_;
  Pass pass_{};
  std::vector<Group> groups_;
  // Factors of all trials, [layer][hidden][dropout_stride_]; null where they are drawn in place.
  float* drawn_ = nullptr;
};

class FusedAutoencoderEngine final : public fused::EngineBase {
 public:
  FusedAutoencoderEngine(const AutoencoderShape& shape, const AutoencoderOptions& options,
                         const AutoencoderData& train, const AutoencoderData& validation,
                         const std::vector<float>& weights, const std::string& isa)
      : EngineBase(parameters(shape), options.optimizer, options.device, weights, isa),
        options_(options),
        train_(shape, train, options.dropout, kernel_),
        validation_(shape, validation.inputs.size() > 0 ? validation : train, 0.0, kernel_) {}

  double validation_loss() override { return validation_.run(state_.weights.data(), false); }

 private:
  double loss_and_gradient() override {
    if (options_.dropout > 0.0) train_.draw_dropout(options_.seed, state_.step);
    return train_.run(state_.weights.data(), true);
  }
  std::span<float> gradient() override { return train_.gradient(); }

  AutoencoderOptions options_;
  Trials train_, validation_;
};

}  // namespace

std::unique_ptr<Engine> make_fused_engine(const AutoencoderShape& shape, const AutoencoderOptions& options,
                                          const AutoencoderData& train, const AutoencoderData& validation,
                                          const std::vector<float>& weights, const std::string& isa) {
  return std::make_unique<FusedAutoencoderEngine>(shape, options, train, validation, weights, isa);
}

}  // namespace rnn_rates::rnn
