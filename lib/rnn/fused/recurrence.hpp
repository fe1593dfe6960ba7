#pragma once

#include "rnn/fused/tiles.hpp"

namespace rnn_rates::rnn::fused {
namespace {

constexpr std::size_t recurrence_rows = 8;

/// Calls `block(lane)` for vectors that cover the trials of the bin that starts at `first`. The last vector
/// ends with the last trial, so it may overlap the one before: its lanes are computed twice, to the same
/// values.
template <class Block>
[[gnu::always_inline]] inline void over_trials(std::size_t first, std::size_t trials, Block&& block) {
  std::size_t trial = 0;
  for (; trial + vector_lanes <= trials; trial += vector_lanes) block(first + trial);
  if (trial < trials) block(first + trials - vector_lanes);
}

/// total[m] = from[m] + sum over k of weight(k, m) other[k] at `other_lane`, for all m at `lane`; other null:
/// no sum.
template <class Finish>
[[gnu::always_inline]] inline void recurrent_product(const float* weight, std::size_t hidden, Rows from,
                                                     std::size_t lane, const float* other,
                                                     std::size_t other_lane, Finish&& finish) {
  in_tiles<recurrence_rows>(hidden,
                            [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                              Vector total[rows];
#pragma GCC unroll 8
                              for (std::size_t r = 0; r < rows; ++r)
                                total[r] = load(from.values + (m + r) * from.stride + lane);
                              for (std::size_t k = 0; other != nullptr && k < hidden; ++k) {
                                const Vector value = load(other + k * from.stride + other_lane);
#pragma GCC unroll 8
                                for (std::size_t r = 0; r < rows; ++r)
                                  total[r] += Vector(weight[k * hidden + m + r]) * value;
                              }
#pragma GCC unroll 8
                              for (std::size_t r = 0; r < rows; ++r) finish(m + r, total[r]);
                            });
}

/// h(t) = tanh(drive(t) + W_hh h(t - 1)), h before the first bin 0. `weight` is W_hh transposed, (in, out).
inline void recurrence_forward(const Sizes& s, const float* weight, const float* drive, float* state) {
  for (std::size_t bin = 0; bin < s.bins; ++bin) {
    over_trials(bin * s.lane_trials, s.lane_trials, [&](std::size_t lane) {
      recurrent_product(
          weight, s.hidden, {drive, s.row_lanes}, lane, bin > 0 ? state : nullptr, lane - s.lane_trials,
          [&](std::size_t m, Vector total) { store(state + m * s.row_lanes + lane, tanh(total)); });
    });
  }
}

/// Back through time: with d(t) = dL/d(drive(t)) and g(t) = dL/dh(t) from the layers above,
/// d(t) = (g(t) + W_hh^T d(t + 1)) (1 - h(t)^2). `weight` is W_hh as it is, (out, in).
inline void recurrence_backward(const Sizes& s, const float* weight, const float* state,
                                const float* state_gradient, float* drive_gradient) {
  for (std::size_t bin = s.bins; bin-- > 0;) {
    over_trials(bin * s.lane_trials, s.lane_trials, [&](std::size_t lane) {
      recurrent_product(weight, s.hidden, {state_gradient, s.row_lanes}, lane,
                        bin + 1 < s.bins ? drive_gradient : nullptr, lane + s.lane_trials,
                        [&](std::size_t m, Vector total) {
                          const Vector h = load(state + m * s.row_lanes + lane);
                          store(drive_gradient + m * s.row_lanes + lane, total * (1.0f - h * h));
                        });
    });
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
