#include <algorithm>
#include <array>
#include <span>

#include "rnn/fused/engine_base.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/gru_pass.hpp"
#include "rnn/fused/memory.hpp"

namespace rnn_rates::rnn {
namespace {

using fused::dropout_lanes;
using fused::group_trials;
using fused::GruPass;
using fused::GruSizes;
using fused::Memory;

GruSizes sizes_of(const GruShape& shape, std::size_t bins) {
  GruSizes s{.bins = bins,
             .units = shape.units,
             .inputs = shape.inputs(),
             .hidden = shape.hidden,
             .directions = shape.directions,
             .rank = shape.rank,
             .parameters = parameter_count(parameters(shape)),
             .direction = {},
             .factors_weight = 0,
             .readout_weight = 0,
             .readout_bias = 0,
             .lowest_log_rate = lowest_log_rate,
             .highest_log_rate = highest_log_rate};
  const std::vector<Parameter> all = parameters(shape);
  for (std::size_t d = 0; d < shape.directions; ++d) {
    const auto offset = [&](std::size_t i) { return all[4 * d + i].offset; };
    s.direction[d] = {offset(0), offset(1), offset(2), offset(3)};
  }
  const std::size_t first = 4 * shape.directions;
  s.factors_weight = all[first].offset;
  s.readout_weight = all[first + 1].offset;
  s.readout_bias = all[first + 2].offset;
  return s;
}

/// (trial, feature, bin) as (bin, feature, trial), so that the trials of a batch are gathered from one row.
std::vector<float> trials_last(const Array<float, 3>& values) {
  const auto [trials, features, bins] = values.shape();
  std::vector<float> rows(values.size());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t feature = 0; feature < features; ++feature) {
      for (std::size_t bin = 0; bin < bins; ++bin)
        rows[(bin * features + feature) * trials + trial] = values(trial, feature, bin);
    }
  }
  return rows;
}

/// One set of trials, and the arrays that a group of them is computed in.
struct Trials {
  const CountData& data;
  std::vector<float> counts, context;
  std::size_t trials, bins;

  explicit Trials(const CountData& from)
      : data(from),
        counts(trials_last(observed_counts(from))),
        context(trials_last(from.context)),
        trials(from.counts.extent(0)),
        bins(from.counts.extent(2)) {}
};

class FusedGruEngine final : public fused::EngineBase {
 public:
  FusedGruEngine(const GruShape& shape, const MaskedGruOptions& options, const CountData& train,
                 const CountData& validation, const std::vector<float>& weights, const std::string& isa)
      : EngineBase(parameters(shape), options.optimizer, options.device, weights, isa),
        options_(options),
        seeds_(seeds_of(options)),
        train_(train),
        validation_(validation.counts.size() > 0 ? validation : train) {
    make_pass(shape);
  }

  double validation_loss() override {
    const auto all = batch_trials(0, 0, validation_.trials, 0);
    double total = 0;
    for (std::uint32_t mask = 0; mask < validation_masks; ++mask) {
      draw_masks(scored_mask, seeds_.validation_mask, mask, all.size());
      total += run(validation_, all, false);
    }
    return total / validation_masks;
  }

 private:
  double loss_and_gradient() override {
    const auto batch = batch_trials(seeds_.batch, state_.step, train_.trials, options_.batch);
    draw_masks(options_.mask, seeds_.mask, state_.step, batch.size());
    if (options_.dropout > 0.0) draw_dropout(batch.size());
    return run(train_, batch, true);
  }
  std::span<float> gradient() override { return {pass_.gradient, state_.weights.size()}; }

  void make_pass(const GruShape& shape);
  void draw_masks(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step, std::size_t batch);
  void draw_dropout(std::size_t batch);
  void fill_group(const Trials& from, std::span<const std::uint32_t> trials, std::size_t first);
  double run(const Trials& from, std::span<const std::uint32_t> trials, bool with_backward);

  MaskedGruOptions options_;
  MaskedGruSeeds seeds_;
  Trials train_, validation_;
  Memory memory_;
  GruPass pass_{};
  MaskPhase phase_{};
  // Of the whole batch, (unit; mask block, trial) and (state; bin, trial); and of the group at work, where
  // the pass reads them.
  std::size_t mask_row_ = 0, dropout_row_ = 0;
  std::vector<float> masks_, dropout_;
  float *group_counts_ = nullptr, *group_context_ = nullptr, *group_mask_ = nullptr;
  float *group_dropout_ = nullptr, *lane_weight_ = nullptr;
};

void FusedGruEngine::make_pass(const GruShape& shape) {
  const std::size_t bins = train_.bins;
  GruPass& p = pass_;
  p.sizes = sizes_of(shape, bins);
  const GruSizes& s = p.sizes;
  const std::size_t most_blocks = bins / std::min(options_.mask.block_bins, scored_mask.block_bins) + 2;
  const std::size_t most_trials = std::max(train_.trials, validation_.trials);
  mask_row_ = fused::round_up(most_blocks * most_trials, dropout_lanes);
  masks_.resize(s.units * mask_row_);
  if (options_.dropout > 0.0) {
    dropout_row_ = fused::round_up(bins * train_.trials, dropout_lanes);
    dropout_.resize(s.states() * dropout_row_);
  }
  const auto blocks = [&](std::size_t features) { return memory_.take(features * group_trials); };
  p.counts = group_counts_ = blocks(bins * s.units);
  p.context = group_context_ = blocks(bins * s.context());
  p.mask = group_mask_ = blocks(most_blocks * s.units);
  if (options_.dropout > 0.0) group_dropout_ = blocks(bins * s.states());
  p.lane_weight = lane_weight_ = blocks(1);
  p.input = blocks(bins * s.inputs);
  for (std::size_t d = 0; d < s.directions; ++d) p.gates[d] = blocks(bins * 4 * s.hidden);
  p.state = blocks(bins * s.states());
  p.state_gradient = blocks(bins * s.states());
  p.dropped = blocks(fused::chunk_bins * s.states());
  p.factors = blocks(fused::chunk_bins * s.rank);
  p.factors_gradient = blocks(fused::chunk_bins * s.rank);
  p.log_rate_gradient = blocks(fused::chunk_bins * s.units);
  p.gates_gradient = blocks(fused::chunk_bins * 4 * s.hidden);
  p.carried = blocks(s.hidden);
  p.zeros = blocks(s.hidden);
  p.transposed = memory_.take(s.parameters);
  p.sums = memory_.take(s.parameters * fused::sum_lanes);
  p.gradient = memory_.take(s.parameters);
}

void FusedGruEngine::draw_masks(const MaskOptions& mask, std::uint64_t seed, std::uint32_t step,
                                std::size_t batch) {
  phase_ = mask_phase(mask, seed, step, pass_.sizes.bins);
  pass_.mask_bins = mask.block_bins;
  for (std::size_t unit = 0; unit < pass_.sizes.units; ++unit) {
    kernel_.dropout_row(seed, step, 0, static_cast<std::uint32_t>(unit), mask.probability,
                        phase_.blocks * batch, &masks_[unit * mask_row_]);
  }
}

void FusedGruEngine::draw_dropout(std::size_t batch) {
  for (std::size_t m = 0; m < pass_.sizes.states(); ++m) {
    kernel_.dropout_row(seeds_.dropout, state_.step, 0, static_cast<std::uint32_t>(m), options_.dropout,
                        pass_.sizes.bins * batch, &dropout_[m * dropout_row_]);
  }
}

/// The values of `count` trials, then zeros to the end of the block row.
void fill_row(const float* values, std::size_t count, float* row) {
  std::fill(std::copy_n(values, count, row), row + group_trials, 0.0f);
}

/// Brings the data, masks and dropout of up to 32 trials from `first` on to where the pass reads them.
/// Padding is zeroed, as quotients that share a division are rounded together.
void FusedGruEngine::fill_group(const Trials& from, std::span<const std::uint32_t> trials,
                                std::size_t first) {
  const GruSizes& s = pass_.sizes;
  const auto group = trials.subspan(first, std::min(group_trials, trials.size() - first));
  const std::size_t count = group.size();
  std::array<float, group_trials> values;
  values.fill(1.0f);
  fill_row(values.data(), count, lane_weight_);
  const auto gather = [&](const std::vector<float>& all, std::size_t rows, float* to) {
    for (std::size_t row = 0; row < rows; ++row) {
      const float* source = &all[row * from.trials];
      for (std::size_t i = 0; i < count; ++i) values[i] = source[group[i]];
      fill_row(values.data(), count, to + row * group_trials);
    }
  };
  gather(from.counts, s.bins * s.units, group_counts_);
  gather(from.context, s.bins * s.context(), group_context_);
  for (std::size_t unit = 0; unit < s.units; ++unit) {
    for (std::size_t block = 0; block < phase_.blocks; ++block) {
      fill_row(&masks_[unit * mask_row_ + block * trials.size() + first], count,
               group_mask_ + (block * s.units + unit) * group_trials);
    }
  }
  if (pass_.dropout == nullptr) return;
  for (std::size_t m = 0; m < s.states(); ++m) {
    for (std::size_t bin = 0; bin < s.bins; ++bin) {
      fill_row(&dropout_[m * dropout_row_ + bin * trials.size() + first], count,
               group_dropout_ + (bin * s.states() + m) * group_trials);
    }
  }
}

/// Mean Poisson loss of the trials' observed entries that are hidden under the masks drawn last; with
/// `with_backward` also its gradient.
double FusedGruEngine::run(const Trials& from, std::span<const std::uint32_t> trials, bool with_backward) {
  GruPass& p = pass_;
  p.parameters = state_.weights.data();
  p.mean = from.data.mean.data();
  p.scale = from.data.scale.data();
  p.mask_phase = phase_.phase;
  p.dropout = with_backward ? group_dropout_ : nullptr;
  kernel_.gru->begin(p);
  double loss = 0, entries = 0;
  for (std::size_t first = 0; first < trials.size(); first += group_trials) {
    fill_group(from, trials, first);
    const fused::HiddenLoss of_group = kernel_.gru->run(p, with_backward);
    loss += of_group.total;
    entries += of_group.entries;
  }
  entries = std::max(entries, 1.0);
  if (with_backward) kernel_.gru->finish(p, static_cast<float>(1.0 / entries));
  return loss / entries;
}

}  // namespace

std::unique_ptr<Engine> make_fused_engine(const GruShape& shape, const MaskedGruOptions& options,
                                          const CountData& train, const CountData& validation,
                                          const std::vector<float>& weights, const std::string& isa) {
  return std::make_unique<FusedGruEngine>(shape, options, train, validation, weights, isa);
}

}  // namespace rnn_rates::rnn
