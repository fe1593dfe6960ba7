#pragma once

#include <algorithm>

#include "rnn/fused/tiles.hpp"

namespace rnn_rates::rnn::fused {
namespace {

constexpr std::size_t recurrence_rows = vector_lanes == 16 ? 8 : 4;

/// One or two vectors of trials, the first at `trial`, the second `apart` trials after it.
template <class V, std::size_t vectors>
struct TrialVectors {
  std::size_t trial, apart;
};

/// Calls block(part, TrialVectors) for vectors that cover `trials` trials: two at a time as far as there are,
/// independent chains that share the weights' loads, but for a rest that fits half a vector. The last one
/// ends with the last trial, so it may overlap the one before: its lanes are computed twice, to the same
/// values.
template <class Block>
[[gnu::always_inline]] inline void over_trials(std::size_t trials, Block&& block) {
  constexpr std::size_t half = vector_lanes / 2;
  std::size_t trial = 0;
  for (std::size_t part = 0; trial < trials; ++part) {
    const std::size_t left = trials - trial;
    if (left > vector_lanes + (halves_are_faster ? half : 0)) {
      block(part, TrialVectors<Vector, 2>{trial, std::min(vector_lanes, left - vector_lanes)});
      trial += 2 * vector_lanes;
    } else if (halves_are_faster && left > vector_lanes) {
      block(part, TrialVectors<Vector, 1>{trial, 0});
      trial += vector_lanes;
    } else {
      if constexpr (halves_are_faster) {
        if (left <= half) return block(part, TrialVectors<HalfVector, 1>{trials - half, 0});
      }
      return block(part, TrialVectors<Vector, 1>{trials - vector_lanes, 0});
    }
  }
}

/// What a recurrence takes from one bin to the next, [hidden][two vectors] for each part of the trials: an
/// aligned copy, because a load from the row would span two stores where vectors overlap, and wait for both.
struct Carried {
  const float* before;
  float* now;
};

constexpr std::size_t carried_stride = 2 * vector_lanes;

inline Carried carried(const Pass& p, std::size_t bin, std::size_t part) {
  const std::size_t at = part * p.sizes.hidden * carried_stride;
  return {p.carried[bin % 2] + at, p.carried[1 - bin % 2] + at};
}

inline void zero_carried(const Pass& p) {
  const std::size_t most_parts = p.sizes.lane_trials / carried_stride + 2;
  for (float* to : p.carried) std::fill_n(to, most_parts * p.sizes.hidden * carried_stride, 0.0f);
}

/// h(t) = tanh(W_ih x(t) + b_ih + b_hh + W_hh h(t - 1)), h before the first bin 0; and the input of the layer
/// above, h after dropout.
inline void recurrence_forward(const Pass& p, std::size_t l) {
  const Sizes& s = p.sizes;
  const float* w_ih = p.transposed + s.input_to_hidden[l].weight;
  const float* w_hh = p.transposed + s.hidden_to_hidden[l].weight;
  const float *x = p.layer_input[l], *bias = p.biases;
  float* state = p.state[l];
  float* above = l + 1 < s.layers ? p.layer_input[l + 1] : nullptr;
  const float* dropout = l + 1 < s.layers ? p.dropout[l + 1] : nullptr;
  const std::size_t hidden = s.hidden, stride = s.row_lanes;
  for (std::size_t i = 0; i < hidden; ++i) {
    p.biases[i] = p.parameters[s.input_to_hidden[l].bias + i] + p.parameters[s.hidden_to_hidden[l].bias + i];
  }
  zero_carried(p);
  for (std::size_t bin = 0; bin < s.bins; ++bin) {
    over_trials(
        s.lane_trials, [&]<class V, std::size_t vectors>(std::size_t part, TrialVectors<V, vectors> at) {
          const Carried h = carried(p, bin, part);
          const std::size_t lane = bin * s.lane_trials + at.trial;
          in_tiles<recurrence_rows>(
              hidden, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                Tile<rows, vectors, V> total;
                start(total, bias + m);
                add_product(total, w_ih + m, hidden, x + lane, stride, at.apart, hidden);
                add_product(total, w_hh + m, hidden, h.before, carried_stride, vector_lanes, hidden);
#pragma GCC unroll 8
                for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 2
                  for (std::size_t v = 0; v < vectors; ++v) {
                    const V value = rational_tanh(total[r][v]);
                    const std::size_t i = (m + r) * stride + lane + v * at.apart;
                    store(h.now + (m + r) * carried_stride + v * vector_lanes, value);
                    store(state + i, value);
                    if (above != nullptr)
                      store(above + i, dropout != nullptr ? value * load<V>(dropout + i) : value);
                  }
                }
              });
        });
  }
}

/// Back through time: with d(t) = dL/d(what tanh is taken of) and g(t) = dL/dh(t) from the layers above,
/// d(t) = (g(t) + W_hh^T d(t + 1)) (1 - h(t)^2). Calls below(m, lane, value) for W_ih^T d(t), which is dL/dx.
template <class Below>
inline void recurrence_backward(const Pass& p, std::size_t l, const float* state_gradient, Below&& below) {
  const Sizes& s = p.sizes;
  const float* w_ih = p.parameters + s.input_to_hidden[l].weight;
  const float* w_hh = p.parameters + s.hidden_to_hidden[l].weight;
  const float* state = p.state[l];
  float* drive_gradient = p.drive_gradient;
  const std::size_t hidden = s.hidden, stride = s.row_lanes;
  zero_carried(p);
  for (std::size_t bin = s.bins; bin-- > 0;) {
    over_trials(
        s.lane_trials, [&]<class V, std::size_t vectors>(std::size_t part, TrialVectors<V, vectors> at) {
          const Carried d = carried(p, bin, part);
          const std::size_t lane = bin * s.lane_trials + at.trial;
          in_tiles<recurrence_rows>(
              hidden, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                Tile<rows, vectors, V> total;
#pragma GCC unroll 8
                for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 2
                  for (std::size_t v = 0; v < vectors; ++v)
                    total[r][v] = load<V>(state_gradient + (m + r) * stride + lane + v * at.apart);
                }
                add_product(total, w_hh + m, hidden, d.before, carried_stride, vector_lanes, hidden);
#pragma GCC unroll 8
                for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 2
                  for (std::size_t v = 0; v < vectors; ++v) {
                    const std::size_t i = (m + r) * stride + lane + v * at.apart;
                    const V h = load<V>(state + i), value = total[r][v] * (1.0f - h * h);
                    store(d.now + (m + r) * carried_stride + v * vector_lanes, value);
                    store(drive_gradient + i, value);
                  }
                }
              });
          in_tiles<recurrence_rows>(
              hidden, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                Tile<rows, vectors, V> total;
                start(total, nullptr);
                add_product(total, w_ih + m, hidden, d.now, carried_stride, vector_lanes, hidden);
                finish_tile(total, m, lane, at.apart, below);
              });
        });
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
