#pragma once

#include "rnn/fused/gru_pass.hpp"
#include "rnn/fused/tiles.hpp"

namespace rnn_rates::rnn::fused {
namespace {

/// Rows of a register tile, two vectors of lanes wide.
constexpr std::size_t block_rows = vector_lanes == 16 ? 12 : vector_lanes == 8 ? 6 : 4;
static_assert(group_trials % (2 * vector_lanes) == 0);

/// Features of consecutive bins: feature f of bin b stands at values + (b * bin_features + f) * group_trials.
struct Blocks {
  const float* values;
  std::size_t bin_features;
};

template <std::size_t rows>
using Tile = Vector[rows][2];

/// total[r] += sum over k of weight(k, r) in[k]; `weight` is (k, row) with `stride` floats a row of it.
template <std::size_t rows>
[[gnu::always_inline]] inline void add_product(Tile<rows>& total, const float* weight, std::size_t stride,
                                               const float* in, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k, weight += stride, in += group_trials) {
    const Vector left = load(in), right = load(in + vector_lanes);
#pragma GCC unroll 12
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector factor = weight[r];
      total[r][0] += factor * left;
      total[r][1] += factor * right;
    }
  }
}

/// Calls compute(first row, lane, tile) for tiles that cover `features` rows of a block, then
/// finish(row, lane, value) for each vector of theirs.
template <class Compute, class Finish>
[[gnu::always_inline]] inline void over_block(std::size_t features, Compute&& compute, Finish&& finish) {
  for (std::size_t lane = 0; lane < group_trials; lane += 2 * vector_lanes) {
    in_tiles<block_rows>(features,
                         [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                           Tile<rows> total;
                           compute(m, lane, total);
#pragma GCC unroll 12
                           for (std::size_t r = 0; r < rows; ++r) {
                             finish(m + r, lane, total[r][0]);
                             finish(m + r, lane + vector_lanes, total[r][1]);
                           }
                         });
  }
}

/// Sets the tile's rows to the biases, or to 0 where there are none.
template <std::size_t rows>
[[gnu::always_inline]] inline void start(Tile<rows>& total, const float* bias) {
#pragma GCC unroll 12
  for (std::size_t r = 0; r < rows; ++r) total[r][0] = total[r][1] = bias != nullptr ? bias[r] : 0.0f;
}

/// finish(m, lane, bias[m] + sum over k of weight(k, m) in[k]) for one block; `weight` is (k, m) with
/// `stride` floats a row.
template <class Finish>
[[gnu::always_inline]] inline void block_product(const float* weight, std::size_t stride,
                                                 std::size_t features, const float* in, std::size_t count,
                                                 const float* bias, Finish&& finish) {
  over_block(
      features,
      [&]<std::size_t rows>(std::size_t m, std::size_t lane, Tile<rows>& total) {
        start(total, bias != nullptr ? bias + m : nullptr);
        add_product(total, weight + m, stride, in + lane, count);
      },
      finish);
}

/// sums[m][k] += sum over bins and lanes of a[m] b[k], the lanes of a vector kept apart.
inline void block_outer_product(Blocks a, std::size_t features_a, Blocks b, std::size_t features_b,
                                std::size_t bins, float* sums) {
  in_tiles<outer_rows>(
      features_a, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
        in_tiles<outer_columns>(features_b, [&]<std::size_t columns>(
                                                std::size_t k, std::integral_constant<std::size_t, columns>) {
          const auto place = [&](std::size_t r, std::size_t c) {
            return sums + ((m + r) * features_b + k + c) * most_vector_lanes;
          };
          Vector total[rows][columns];
#pragma GCC unroll 8
          for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
            for (std::size_t c = 0; c < columns; ++c) total[r][c] = load(place(r, c));
          }
          for (std::size_t bin = 0; bin < bins; ++bin) {
            const float* from_a = a.values + (bin * a.bin_features + m) * group_trials;
            const float* from_b = b.values + (bin * b.bin_features + k) * group_trials;
            for (std::size_t lane = 0; lane < group_trials; lane += vector_lanes) {
              Vector left[rows];
#pragma GCC unroll 8
              for (std::size_t r = 0; r < rows; ++r) left[r] = load(from_a + r * group_trials + lane);
#pragma GCC unroll 8
              for (std::size_t c = 0; c < columns; ++c) {
                const Vector right = load(from_b + c * group_trials + lane);
#pragma GCC unroll 8
                for (std::size_t r = 0; r < rows; ++r) total[r][c] += left[r] * right;
              }
            }
          }
#pragma GCC unroll 8
          for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
            for (std::size_t c = 0; c < columns; ++c) store(place(r, c), total[r][c]);
          }
        });
      });
}

/// sums[m] += a[m] over bins and lanes, the lanes of a vector kept apart.
inline void add_block_rows(Blocks a, std::size_t features, std::size_t bins, float* sums) {
  for (std::size_t m = 0; m < features; ++m) {
    Vector total = load(sums + m * most_vector_lanes);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const float* row = a.values + (bin * a.bin_features + m) * group_trials;
      for (std::size_t lane = 0; lane < group_trials; lane += vector_lanes) total += load(row + lane);
    }
    store(sums + m * most_vector_lanes, total);
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
