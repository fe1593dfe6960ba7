#pragma once

#include "rnn/fused/gru_pass.hpp"
#include "rnn/fused/tiles.hpp"

namespace rnn_rates::rnn::fused {
namespace {

/// Rows of a register tile, two vectors of lanes wide, which stand sum_lanes apart.
constexpr std::size_t block_rows = vector_lanes == 16 ? 12 : vector_lanes == 8 ? 6 : 4;
static_assert(group_trials == 2 * sum_lanes);

/// Features of consecutive bins: feature f of bin b stands at values + (b * bin_features + f) * group_trials.
struct Blocks {
  const float* values;
  std::size_t bin_features;
};

/// total[r] += sum over k of weight(k, r) in[k]; `weight` is (k, row) with `stride` floats a row of it.
template <std::size_t rows>
[[gnu::always_inline]] inline void add_block_product(Tile<rows, 2>& total, const float* weight,
                                                     std::size_t stride, const float* in, std::size_t count) {
  add_product(total, weight, stride, in, group_trials, sum_lanes, count);
}

/// Calls compute(first row, lane, tile) for tiles that cover `features` rows of a block, then
/// finish(row, lane, value) for each vector of theirs.
template <class Compute, class Finish>
[[gnu::always_inline]] inline void over_block(std::size_t features, Compute&& compute, Finish&& finish) {
  for (std::size_t lane = 0; lane < sum_lanes; lane += vector_lanes) {
    in_tiles<block_rows>(features,
                         [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
                           Tile<rows, 2> total;
                           compute(m, lane, total);
                           finish_tile(total, m, lane, sum_lanes, finish);
                         });
  }
}

/// finish(m, lane, bias[m] + sum over k of weight(k, m) in[k]) for one block; `weight` is (k, m) with
/// `stride` floats a row.
template <class Finish>
[[gnu::always_inline]] inline void block_product(const float* weight, std::size_t stride,
                                                 std::size_t features, const float* in, std::size_t count,
                                                 const float* bias, Finish&& finish) {
  over_block(
      features,
      [&]<std::size_t rows>(std::size_t m, std::size_t lane, Tile<rows, 2>& total) {
        start(total, bias != nullptr ? bias + m : nullptr);
        add_block_product(total, weight + m, stride, in + lane, count);
      },
      finish);
}

inline Rows rows_of(Blocks blocks) {
  return {blocks.values, group_trials, blocks.bin_features * group_trials};
}

constexpr std::integral_constant<std::size_t, group_trials> whole_block;

/// sums[m][k] += sum over bins and lanes of a[m] b[k], the lanes of a vector kept apart.
inline void block_outer_product(Blocks a, std::size_t features_a, Blocks b, std::size_t features_b,
                                std::size_t bins, float* sums) {
  constexpr std::size_t together = strands == 2 ? 2 : 1;
  outer_product<together>(rows_of(a), features_a, rows_of(b), features_b, bins, whole_block, Sums::add, sums);
}

/// sums[m] += a[m] over bins and lanes, the lanes of a vector kept apart.
inline void add_block_rows(Blocks a, std::size_t features, std::size_t bins, float* sums) {
  // Four rows at once, as an addition waits for the one before it.
  in_tiles<4>(features, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
    for (std::size_t strand = 0; strand < sum_lanes; strand += vector_lanes) {
      Vector total[rows];
#pragma GCC unroll 4
      for (std::size_t r = 0; r < rows; ++r) total[r] = load(sums + (m + r) * sum_lanes + strand);
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const float* from = a.values + (bin * a.bin_features + m) * group_trials;
        for (std::size_t lane = strand; lane < group_trials; lane += sum_lanes) {
#pragma GCC unroll 4
          for (std::size_t r = 0; r < rows; ++r) total[r] += load(from + r * group_trials + lane);
        }
      }
#pragma GCC unroll 4
      for (std::size_t r = 0; r < rows; ++r) store(sums + (m + r) * sum_lanes + strand, total[r]);
    }
  });
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
