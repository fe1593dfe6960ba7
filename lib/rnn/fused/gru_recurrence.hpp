#pragma once

#include <algorithm>

#include "rnn/fused/blocks.hpp"

namespace rnn_rates::rnn::fused {
namespace {

// A GRU layer (Cho et al. 2014) as PyTorch computes it: with x the input and h' the state of the bin before,
//   r = sigmoid(W_ir x + b_ir + W_hr h' + b_hr)      z = sigmoid(W_iz x + b_iz + W_hz h' + b_hz)
//   q = W_hn h' + b_hn       n = tanh(W_in x + b_in + r q)       h = (1 - z) n + z h'.
// The second direction runs from the last bin to the first.

/// State of the bin that `direction` comes from.
inline const float* state_before(const GruPass& p, std::size_t direction, std::size_t bin) {
  const GruSizes& s = p.sizes;
  const bool first = direction == 0 ? bin == 0 : bin + 1 == s.bins;
  if (first) return p.zeros;
  const std::size_t other = direction == 0 ? bin - 1 : bin + 1;
  return p.state + (other * s.states() + direction * s.hidden) * group_trials;
}

/// What r, z, n and q are computed from, into the rows of `gates`.
inline void gate_drives(const GruPass& p, const GruDirection& at, const float* x, const float* before,
                        float* gates) {
  const GruSizes& s = p.sizes;
  const std::size_t width = 3 * s.hidden;
  const float *w_ih = p.transposed + at.weight_ih, *w_hh = p.transposed + at.weight_hh;
  const float *b_ih = p.parameters + at.bias_ih, *b_hh = p.parameters + at.bias_hh;
  over_block(
      2 * s.hidden,
      [&]<std::size_t rows>(std::size_t m, std::size_t lane, Tile<rows, 2>& total) {
#pragma GCC unroll 12
        for (std::size_t r = 0; r < rows; ++r) total[r][0] = total[r][1] = b_ih[m + r] + b_hh[m + r];
        add_block_product(total, w_ih + m, width, x + lane, s.inputs);
        add_block_product(total, w_hh + m, width, before + lane, s.hidden);
      },
      [&](std::size_t m, std::size_t lane, Vector value) { store(gates + m * group_trials + lane, value); });
  float* n = gates + 2 * s.hidden * group_trials;
  block_product(
      w_ih + 2 * s.hidden, width, s.hidden, x, s.inputs, b_ih + 2 * s.hidden,
      [&](std::size_t m, std::size_t lane, Vector value) { store(n + m * group_trials + lane, value); });
  float* q = gates + 3 * s.hidden * group_trials;
  block_product(
      w_hh + 2 * s.hidden, width, s.hidden, before, s.hidden, b_hh + 2 * s.hidden,
      [&](std::size_t m, std::size_t lane, Vector value) { store(q + m * group_trials + lane, value); });
}

/// r, z, n in place, and h.
inline void gates_and_state(std::size_t hidden, const float* before, float* gates, float* state) {
  const std::size_t count = hidden * group_trials;
  float *r = gates, *z = gates + count, *n = gates + 2 * count;
  const float* q = gates + 3 * count;
  // Those that share a division stand equally far apart in every build, as they are rounded together.
  for (std::size_t k = 0; k < count / 2; k += vector_lanes) {
    const std::size_t i = k / sum_lanes * 2 * sum_lanes + k % sum_lanes, j = i + sum_lanes;
    const Ratio<> ratios[4] = {sigmoid_ratio(load(r + i)), sigmoid_ratio(load(r + j)),
                               sigmoid_ratio(load(z + i)), sigmoid_ratio(load(z + j))};
    Vector parts[4];
    divide(ratios, parts);
    const Vector r_i = parts[0] + 0.5f, r_j = parts[1] + 0.5f, z_i = parts[2] + 0.5f, z_j = parts[3] + 0.5f;
    Vector n_i, n_j;
    divide(tanh_ratio(load(n + i) + r_i * load(q + i)), tanh_ratio(load(n + j) + r_j * load(q + j)), n_i,
           n_j);
    store(r + i, r_i);
    store(r + j, r_j);
    store(z + i, z_i);
    store(z + j, z_j);
    store(n + i, n_i);
    store(n + j, n_j);
    store(state + i, n_i + z_i * (load(before + i) - n_i));
    store(state + j, n_j + z_j * (load(before + j) - n_j));
  }
}

inline void gru_forward(const GruPass& p, std::size_t direction) {
  const GruSizes& s = p.sizes;
  for (std::size_t step = 0; step < s.bins; ++step) {
    const std::size_t bin = direction == 0 ? step : s.bins - 1 - step;
    const float* before = state_before(p, direction, bin);
    float* gates = p.gates[direction] + bin * 4 * s.hidden * group_trials;
    gate_drives(p, s.direction[direction], p.input + bin * s.inputs * group_trials, before, gates);
    gates_and_state(s.hidden, before, gates,
                    p.state + (bin * s.states() + direction * s.hidden) * group_trials);
  }
}

/// With g = dL/dh of a bin: dL/d of n's input is d = g (1 - z) (1 - n^2), of z's g (h' - n) z (1 - z), of r's
/// d q r (1 - r), of q d r; and g z goes to dL/dh' directly, into `carried`, which brings dL/dh of the bin
/// after. Rows of `gradient`: r, z, q, n.
inline void gate_gradients(std::size_t hidden, const float* before, const float* gates,
                           const float* state_gradient, float* carried, float* gradient) {
  const std::size_t count = hidden * group_trials;
  for (std::size_t i = 0; i < count; i += vector_lanes) {
    const Vector r = load(gates + i), z = load(gates + count + i);
    const Vector n = load(gates + 2 * count + i), q = load(gates + 3 * count + i);
    const Vector g = load(state_gradient + i) + load(carried + i);
    const Vector d = g * (1.0f - z) * (1.0f - n * n);
    store(gradient + i, d * q * r * (1.0f - r));
    store(gradient + count + i, g * (load(before + i) - n) * z * (1.0f - z));
    store(gradient + 2 * count + i, d * r);
    store(gradient + 3 * count + i, d);
    store(carried + i, g * z);
  }
}

/// The weights' gradients from the bins [first, first + bins): dL/dW = sum of g x^T, with h' for W_hh.
inline void add_gru_weights(const GruPass& p, std::size_t direction, std::size_t first, std::size_t bins) {
  const GruSizes& s = p.sizes;
  const GruDirection& at = s.direction[direction];
  const std::size_t hidden = s.hidden, rows = 4 * hidden;
  const auto sums = [&](std::size_t offset) { return p.sums + offset * sum_lanes; };
  const Blocks gates{p.gates_gradient, rows};
  const Blocks n_input{p.gates_gradient + 3 * hidden * group_trials, rows};
  const Blocks input{p.input + first * s.inputs * group_trials, s.inputs};
  block_outer_product(gates, 2 * hidden, input, s.inputs, bins, sums(at.weight_ih));
  block_outer_product(n_input, hidden, input, s.inputs, bins, sums(at.weight_ih + 2 * hidden * s.inputs));
  add_block_rows(gates, 2 * hidden, bins, sums(at.bias_ih));
  add_block_rows(n_input, hidden, bins, sums(at.bias_ih + 2 * hidden));
  add_block_rows(gates, 3 * hidden, bins, sums(at.bias_hh));

  // The direction's first bin has no state before it.
  const std::size_t skipped_start = direction == 0 && first == 0 ? 1 : 0;
  const std::size_t skipped_end = direction == 1 && first + bins == s.bins ? 1 : 0;
  const std::size_t with_state = bins - skipped_start - skipped_end;
  if (with_state == 0) return;
  block_outer_product({p.gates_gradient + skipped_start * rows * group_trials, rows}, 3 * hidden,
                      {state_before(p, direction, first + skipped_start), s.states()}, hidden, with_state,
                      sums(at.weight_hh));
}

/// Back through time, a chunk of bins after another; dL/dh' = g z + W_hh^T (gradients of r, z, q).
inline void gru_backward(const GruPass& p, std::size_t direction) {
  const GruSizes& s = p.sizes;
  const float* weight_hh = p.parameters + s.direction[direction].weight_hh;
  std::fill_n(p.carried, s.hidden * group_trials, 0.0f);
  const std::size_t chunks = (s.bins + chunk_bins - 1) / chunk_bins;
  for (std::size_t i = 0; i < chunks; ++i) {
    const std::size_t first = (direction == 0 ? chunks - 1 - i : i) * chunk_bins;
    const std::size_t bins = std::min(chunk_bins, s.bins - first);
    for (std::size_t j = 0; j < bins; ++j) {
      const std::size_t in_chunk = direction == 0 ? bins - 1 - j : j;
      const std::size_t bin = first + in_chunk;
      float* gradient = p.gates_gradient + in_chunk * 4 * s.hidden * group_trials;
      gate_gradients(
          s.hidden, state_before(p, direction, bin), p.gates[direction] + bin * 4 * s.hidden * group_trials,
          p.state_gradient + (bin * s.states() + direction * s.hidden) * group_trials, p.carried, gradient);
      block_product(weight_hh, s.hidden, s.hidden, gradient, 3 * s.hidden, nullptr,
                    [&](std::size_t m, std::size_t lane, Vector g) {
                      float* to = p.carried + m * group_trials + lane;
                      store(to, load(to) + g);
                    });
    }
    add_gru_weights(p, direction, first, bins);
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
