#pragma once

#include <utility>

#include "rnn/fused/simd.hpp"

namespace rnn_rates::rnn::fused {
namespace {

// Register tiles: as many accumulators as the registers hold beside the operands, 32 registers with AVX-512,
// else 16.
constexpr std::size_t product_rows = vector_lanes == 16 ? 8 : 4;
constexpr std::size_t product_vectors = 3;
constexpr std::size_t outer_rows = vector_lanes == 16 ? 4 : 3;
constexpr std::size_t outer_columns = vector_lanes == 16 ? 6 : 4;
// With two strands in a tile.
constexpr std::size_t paired_rows = 2, paired_columns = 3;
static_assert(chunk_step % (product_vectors * vector_lanes) == 0);

/// Calls `tile` for the rows [0, count) in parts of nearly equal size, `most` rows at most, with the number
/// of rows as a compile-time constant: tile(first, constant).
template <std::size_t most, class Tile>
[[gnu::always_inline]] inline void in_tiles(std::size_t count, Tile&& tile) {
  const std::size_t parts = (count + most - 1) / most;
  std::size_t first = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t rows = (count - first + (parts - part) - 1) / (parts - part);
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      ((rows == i + 1 ? tile(first, std::integral_constant<std::size_t, i + 1>{}) : void()), ...);
    }
    (std::make_index_sequence<most>{});
    first += rows;
  }
}

/// `to` (in, out) from the weights `from` (out, in).
inline void transpose(const float* from, std::size_t out, std::size_t in, float* to) {
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) to[i * out + o] = from[o * in + i];
  }
}

/// Rows of features, `stride` floats from one to the next; in several runs of lanes, run_stride from one run
/// to the next.
struct Rows {
  const float* values;
  std::size_t stride;
  std::size_t run_stride = 0;
};

/// `rows` features by `vectors` vectors of lanes, held in registers.
template <std::size_t rows, std::size_t vectors, class V = Vector>
using Tile = V[rows][vectors];

/// Sets the tile's rows to the biases, or to 0 where there are none.
template <class V, std::size_t rows, std::size_t vectors>
[[gnu::always_inline]] inline void start(V (&total)[rows][vectors], const float* bias) {
#pragma GCC unroll 16
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) total[r][v] = bias != nullptr ? bias[r] : 0.0f;
  }
}

/// total[r] += sum over k of weight(k, r) in[k]; `weight` is (k, row) with `weight_stride` floats a row of
/// it. The tile's vectors stand `apart` floats from one to the next.
template <class V, std::size_t rows, std::size_t vectors>
[[gnu::always_inline]] inline void add_product(V (&total)[rows][vectors], const float* weight,
                                               std::size_t weight_stride, const float* in,
                                               std::size_t in_stride, std::size_t apart, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k, weight += weight_stride, in += in_stride) {
    V value[vectors];
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) value[v] = load<V>(in + v * apart);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < rows; ++r) {
      const V factor = weight[r];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) total[r][v] += factor * value[v];
    }
  }
}

/// Calls finish(first row + r, lane + v apart, value) for each vector of a tile.
template <class V, std::size_t rows, std::size_t vectors, class Finish>
[[gnu::always_inline]] inline void finish_tile(const V (&total)[rows][vectors], std::size_t first_row,
                                               std::size_t lane, std::size_t apart, Finish&& finish) {
#pragma GCC unroll 16
  for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) finish(first_row + r, lane + v * apart, total[r][v]);
  }
}

/// finish(m, lane, bias[m] + sum over k of weight(k, m) in[k]) for every vector of the lanes. `weight` is
/// (k, m) with `weight_stride` floats a row; `bias` may be null. Lanes are rounded up to whole vectors.
template <class Finish>
inline void product(const float* weight, std::size_t weight_stride, std::size_t features_out,
                    std::size_t features_in, Rows in, std::size_t lanes, const float* bias, Finish&& finish) {
  const auto columns = [&]<std::size_t vectors>(std::size_t lane,
                                                std::integral_constant<std::size_t, vectors>) {
    in_tiles<product_rows>(features_out, [&]<std::size_t rows>(std::size_t m,
                                                               std::integral_constant<std::size_t, rows>) {
      Tile<rows, vectors> total;
      start(total, bias != nullptr ? bias + m : nullptr);
      add_product(total, weight + m, weight_stride, in.values + lane, in.stride, vector_lanes, features_in);
      finish_tile(total, m, lane, vector_lanes, finish);
    });
  };
  std::size_t lane = 0;
  for (; lane + product_vectors * vector_lanes <= lanes; lane += product_vectors * vector_lanes) {
    columns(lane, std::integral_constant<std::size_t, product_vectors>{});
  }
  for (; lane < lanes; lane += vector_lanes) columns(lane, std::integral_constant<std::size_t, 1>{});
}

/// Whether sums are to be added to what is there, or begin anew.
enum class Sums { add, begin };

/// sums[m][k] = or += sum over runs and lanes of a[m] b[k], and, unless null, row_sums[m] = or += that of
/// a[m]. Strands are kept apart: sums is [m][k][sum_lanes]. Lanes of a run are rounded
/// up to whole vectors; those past the end must be 0 in `a`. `together` strands are worked on at once:
/// several in smaller tiles, so that lanes which come from beyond the first-level cache come once; `lanes`
/// must then be a whole number of sum_lanes.
template <std::size_t together = 1, class Lanes>
inline void outer_product(Rows a, std::size_t features_a, Rows b, std::size_t features_b, std::size_t runs,
                          Lanes lanes, Sums mode, float* sums, float* row_sums = nullptr) {
  // Row sums are one more column, the last tile's.
  const auto tile = [&]<std::size_t rows, std::size_t columns, bool with_row_sums>(
                        std::size_t m, std::size_t k, std::size_t strand) {
    constexpr std::size_t products = with_row_sums ? columns - 1 : columns;
    const auto place = [&](std::size_t r, std::size_t c) {
      return strand + (c < products ? sums + ((m + r) * features_b + k + c) * sum_lanes
                                    : row_sums + (m + r) * sum_lanes);
    };
    Vector total[rows][columns][together];
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
      for (std::size_t c = 0; c < columns; ++c) {
#pragma GCC unroll 2
        for (std::size_t s = 0; s < together; ++s)
          total[r][c][s] = mode == Sums::begin ? Vector(0.0f) : load(place(r, c) + s * vector_lanes);
      }
    }
    const float *from_a = a.values + m * a.stride, *from_b = b.values + k * b.stride;
    for (std::size_t run = 0; run < runs; ++run, from_a += a.run_stride, from_b += b.run_stride) {
      for (std::size_t lane = strand; lane < lanes; lane += sum_lanes) {
#pragma GCC unroll 2
        for (std::size_t s = 0; s < together; ++s) {
          const std::size_t at = lane + s * vector_lanes;
          Vector left[rows];
#pragma GCC unroll 8
          for (std::size_t r = 0; r < rows; ++r) left[r] = load(from_a + r * a.stride + at);
#pragma GCC unroll 8
          for (std::size_t c = 0; c < products; ++c) {
            const Vector right = load(from_b + c * b.stride + at);
#pragma GCC unroll 8
            for (std::size_t r = 0; r < rows; ++r) total[r][c][s] += left[r] * right;
          }
          if constexpr (with_row_sums) {
#pragma GCC unroll 8
            for (std::size_t r = 0; r < rows; ++r) total[r][products][s] += left[r];
          }
        }
      }
    }
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 8
      for (std::size_t c = 0; c < columns; ++c) {
#pragma GCC unroll 2
        for (std::size_t s = 0; s < together; ++s) store(place(r, c) + s * vector_lanes, total[r][c][s]);
      }
    }
  };
  const std::size_t all_columns = features_b + (row_sums != nullptr ? 1 : 0);
  constexpr std::size_t most_rows = together == 2 ? paired_rows : outer_rows;
  constexpr std::size_t most_columns = together == 2 ? paired_columns : outer_columns;
  in_tiles<most_rows>(
      features_a, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
        in_tiles<most_columns>(all_columns, [&]<std::size_t columns>(
                                                std::size_t k, std::integral_constant<std::size_t, columns>) {
          for (std::size_t strand = 0; strand < sum_lanes; strand += together * vector_lanes) {
            if (k + columns > features_b) {
              tile.template operator()<rows, columns, true>(m, k, strand);
            } else {
              tile.template operator()<rows, columns, false>(m, k, strand);
            }
          }
        });
      });
}

/// Sum of the squares of all features over lanes, rounded up to whole vectors.
inline float sum_of_squares(Rows a, std::size_t features, std::size_t lanes) {
  float sums[sum_lanes];
  for (std::size_t strand = 0; strand < sum_lanes; strand += vector_lanes) {
    Vector total[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (std::size_t m = 0; m < features; ++m) {
      const float* row = a.values + m * a.stride;
      std::size_t lane = strand;
      for (; lane - strand + 4 * sum_lanes <= lanes; lane += 4 * sum_lanes) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < 4; ++i) {
          const Vector value = load(row + lane + i * sum_lanes);
          total[i] += value * value;
        }
      }
      for (; lane < lanes; lane += sum_lanes) total[0] += load(row + lane) * load(row + lane);
    }
    store(sums + strand, (total[0] + total[1]) + (total[2] + total[3]));
  }
  return sum(sums);
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
