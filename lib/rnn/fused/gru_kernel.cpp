// Compiled once for each instruction set, RNN_RATES_GRU_KERNEL being the name of that build's kernel.

#include <algorithm>

#include "rnn/fused/blocks.hpp"
#include "rnn/fused/gru_recurrence.hpp"

namespace rnn_rates::rnn::fused {
namespace {

void transpose(const GruPass& p, std::size_t weight, std::size_t out, std::size_t in) {
  transpose(p.parameters + weight, out, in, p.transposed + weight);
}

void begin(const GruPass& p) {
  const GruSizes& s = p.sizes;
  for (std::size_t d = 0; d < s.directions; ++d) {
    transpose(p, s.direction[d].weight_ih, 3 * s.hidden, s.inputs);
    transpose(p, s.direction[d].weight_hh, 3 * s.hidden, s.hidden);
  }
  transpose(p, s.factors_weight, s.rank, s.states());
  transpose(p, s.readout_weight, s.units, s.rank);
  std::fill_n(p.sums, s.parameters * sum_lanes, 0.0f);
}

const float* mask_of(const GruPass& p, std::size_t bin) {
  return p.mask + (bin + p.mask_phase) / p.mask_bins * p.sizes.units * group_trials;
}

/// The network's input: (count - mean) / scale times the mask, 0 where unobserved, then the context.
void fill_input(const GruPass& p) {
  const GruSizes& s = p.sizes;
  for (std::size_t bin = 0; bin < s.bins; ++bin) {
    float* to = p.input + bin * s.inputs * group_trials;
    const float* mask = mask_of(p, bin);
    const float* counts = p.counts + bin * s.units * group_trials;
    for (std::size_t unit = 0; unit < s.units; ++unit) {
      for (std::size_t lane = 0; lane < group_trials; lane += vector_lanes) {
        const std::size_t at = unit * group_trials + lane;
        const Vector count = load(counts + at);
        Vector input = (count - p.mean[unit]) * (1.0f / p.scale[unit]) * load(mask + at);
        where(stdx::isnan(count), input) = 0.0f;
        store(to + at, input);
      }
    }
    const std::size_t context = s.context() * group_trials;
    std::copy_n(p.context + bin * context, context, to + s.units * group_trials);
  }
}

/// States of `bins` bins from `first` on after dropout.
Blocks drop(const GruPass& p, std::size_t first, std::size_t bins) {
  const std::size_t states = p.sizes.states();
  const float* from = p.state + first * states * group_trials;
  if (p.dropout == nullptr) return {from, states};
  const float* factors = p.dropout + first * states * group_trials;
  for (std::size_t i = 0; i < bins * states * group_trials; i += vector_lanes)
    store(p.dropped + i, load(from + i) * load(factors + i));
  return {p.dropped, states};
}

/// Sums over the lanes of a vector, kept apart.
struct Strands {
  Vector loss[strands] = {}, entries[strands] = {};
};

/// Adds the loss of one bin to `sums`, and its gradient: with o the log rate within its bounds and c the
/// count, an observed hidden entry adds exp(o) - c o, and dL/do = exp(o) - c; 0 beyond the bounds.
void add_poisson_loss(const GruPass& p, std::size_t bin, std::size_t in_chunk, Strands& sums) {
  const GruSizes& s = p.sizes;
  const float* mask = mask_of(p, bin);
  const float* counts = p.counts + bin * s.units * group_trials;
  float* gradient = p.log_rate_gradient + in_chunk * s.units * group_trials;
  Strands of_bin;
  block_product(
      p.transposed + s.readout_weight, s.units, s.units, p.factors + in_chunk * s.rank * group_trials, s.rank,
      p.parameters + s.readout_bias, [&](std::size_t unit, std::size_t lane, Vector log_rate) {
        const std::size_t at = unit * group_trials + lane;
        Vector weight = load(p.lane_weight + lane);
        where(load(mask + at) != 0.0f, weight) = 0.0f;
        const Vector bounded = stdx::clamp(log_rate, Vector(s.lowest_log_rate), Vector(s.highest_log_rate));
        const Vector rate = exp(bounded);
        Vector count = load(counts + at);
        const auto unobserved = stdx::isnan(count);
        where(unobserved, weight) = 0.0f;
        where(unobserved, count) = 0.0f;
        const Vector entry = weight * (rate - count * bounded);
        // A place that the compiler knows stays in a register.
        for (std::size_t i = 0; i < strands; ++i) {
          if (lane / vector_lanes % strands != i) continue;
          of_bin.loss[i] += entry;
          of_bin.entries[i] += weight;
        }
        Vector slope = weight * (rate - count);
        where(log_rate != bounded, slope) = 0.0f;
        store(gradient + at, slope);
      });
  for (std::size_t i = 0; i < strands; ++i) {
    sums.loss[i] += of_bin.loss[i];
    sums.entries[i] += of_bin.entries[i];
  }
}

/// From dL/d(log rate) of the chunk's bins to the read-out's weights and dL/dh.
void readout_backward(const GruPass& p, std::size_t first, std::size_t bins, Blocks dropped) {
  const GruSizes& s = p.sizes;
  for (std::size_t b = 0; b < bins; ++b) {
    float* factors_gradient = p.factors_gradient + b * s.rank * group_trials;
    block_product(p.parameters + s.readout_weight, s.rank, s.rank,
                  p.log_rate_gradient + b * s.units * group_trials, s.units, nullptr,
                  [&](std::size_t m, std::size_t lane, Vector g) {
                    store(factors_gradient + m * group_trials + lane, g);
                  });
    const std::size_t at = (first + b) * s.states() * group_trials;
    block_product(p.parameters + s.factors_weight, s.states(), s.states(), factors_gradient, s.rank, nullptr,
                  [&](std::size_t m, std::size_t lane, Vector g) {
                    const std::size_t i = at + m * group_trials + lane;
                    store(p.state_gradient + i, p.dropout != nullptr ? g * load(p.dropout + i) : g);
                  });
  }
  const Blocks slopes{p.log_rate_gradient, s.units}, factors_gradient{p.factors_gradient, s.rank};
  block_outer_product(slopes, s.units, {p.factors, s.rank}, s.rank, bins,
                      p.sums + s.readout_weight * sum_lanes);
  add_block_rows(slopes, s.units, bins, p.sums + s.readout_bias * sum_lanes);
  block_outer_product(factors_gradient, s.rank, dropped, s.states(), bins,
                      p.sums + s.factors_weight * sum_lanes);
}

double sum(const Vector (&parts)[strands]) {
  float sums[sum_lanes];
  for (std::size_t i = 0; i < strands; ++i) store(sums + i * vector_lanes, parts[i]);
  return static_cast<double>(sum(sums));
}

/// Factors, log rates and loss of all bins.
HiddenLoss read_out(const GruPass& p, bool with_backward) {
  const GruSizes& s = p.sizes;
  HiddenLoss total;
  for (std::size_t first = 0; first < s.bins; first += chunk_bins) {
    const std::size_t bins = std::min(chunk_bins, s.bins - first);
    const Blocks dropped = drop(p, first, bins);
    Strands sums;
    for (std::size_t b = 0; b < bins; ++b) {
      float* factors = p.factors + b * s.rank * group_trials;
      block_product(
          p.transposed + s.factors_weight, s.rank, s.rank, dropped.values + b * s.states() * group_trials,
          s.states(), nullptr,
          [&](std::size_t m, std::size_t lane, Vector x) { store(factors + m * group_trials + lane, x); });
      add_poisson_loss(p, first + b, b, sums);
    }
    total.total += sum(sums.loss);
    total.entries += sum(sums.entries);
    if (with_backward) readout_backward(p, first, bins, dropped);
  }
  return total;
}

HiddenLoss run(const GruPass& p, bool with_backward) {
  fill_input(p);
  for (std::size_t d = 0; d < p.sizes.directions; ++d) gru_forward(p, d);
  const HiddenLoss loss = read_out(p, with_backward);
  if (with_backward) {
    for (std::size_t d = 0; d < p.sizes.directions; ++d) gru_backward(p, d);
  }
  return loss;
}

void finish(const GruPass& p, float factor) {
  for (std::size_t i = 0; i < p.sizes.parameters; ++i) p.gradient[i] = factor * sum(p.sums + i * sum_lanes);
}

}  // namespace

extern const GruKernel RNN_RATES_GRU_KERNEL;
const GruKernel RNN_RATES_GRU_KERNEL{begin, run, finish};

}  // namespace rnn_rates::rnn::fused
