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

/// A matrix of feature rows, `stride` floats from one to the next.
struct Rows {
  const float* values;
  std::size_t stride;
};

/// out[m] = start[m] + sum over k of weight(k, m) in[k], for all lanes: each tile holds `product_rows`
/// features m by `product_vectors` vectors of lanes in registers. `weight` is (k, m) with `weight_stride`
/// floats a row; `bias` may be null. `finish(m, lane, value)` gets every vector of the result. Lanes are
/// rounded up to whole vectors.
template <class Finish>
inline void product(const float* weight, std::size_t weight_stride, std::size_t features_out,
                    std::size_t features_in, Rows in, std::size_t lanes, const float* bias, Finish&& finish) {
  const auto columns = [&]<std::size_t vectors>(std::size_t lane,
                                                std::integral_constant<std::size_t, vectors>) {
    in_tiles<product_rows>(
        features_out, [&]<std::size_t rows>(std::size_t m, std::integral_constant<std::size_t, rows>) {
          Vector total[rows][vectors];
#pragma GCC unroll 8
          for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 3
            for (std::size_t v = 0; v < vectors; ++v) total[r][v] = bias != nullptr ? bias[m + r] : 0.0f;
          }
          const float* w = weight + m;
          const float* x = in.values + lane;
          for (std::size_t k = 0; k < features_in; ++k, w += weight_stride, x += in.stride) {
            Vector value[vectors];
#pragma GCC unroll 3
            for (std::size_t v = 0; v < vectors; ++v) value[v] = load(x + v * vector_lanes);
#pragma GCC unroll 8
            for (std::size_t r = 0; r < rows; ++r) {
              const Vector factor = w[r];
#pragma GCC unroll 3
              for (std::size_t v = 0; v < vectors; ++v) total[r][v] += factor * value[v];
            }
          }
#pragma GCC unroll 8
          for (std::size_t r = 0; r < rows; ++r) {
#pragma GCC unroll 3
            for (std::size_t v = 0; v < vectors; ++v) finish(m + r, lane + v * vector_lanes, total[r][v]);
          }
        });
  };
  std::size_t lane = 0;
  for (; lane + product_vectors * vector_lanes <= lanes; lane += product_vectors * vector_lanes) {
    columns(lane, std::integral_constant<std::size_t, product_vectors>{});
  }
  for (; lane < lanes; lane += vector_lanes) columns(lane, std::integral_constant<std::size_t, 1>{});
}

/// sums[m][k] += sum over lanes of a[m] b[k], the lanes of a vector kept apart: sums is [m][k][vector_lanes].
/// Lanes are rounded up to whole vectors; those past the end must be 0 in `a`.
inline void outer_product(Rows a, std::size_t features_a, Rows b, std::size_t features_b, std::size_t lanes,
                          float* sums) {
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
          const float* from_a = a.values + m * a.stride;
          const float* from_b = b.values + k * b.stride;
          for (std::size_t lane = 0; lane < lanes; lane += vector_lanes) {
            Vector left[rows];
#pragma GCC unroll 8
            for (std::size_t r = 0; r < rows; ++r) left[r] = load(from_a + r * a.stride + lane);
#pragma GCC unroll 8
            for (std::size_t c = 0; c < columns; ++c) {
              const Vector right = load(from_b + c * b.stride + lane);
#pragma GCC unroll 8
              for (std::size_t r = 0; r < rows; ++r) total[r][c] += left[r] * right;
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

/// sums[m] += a[m] over lanes; [m][vector_lanes].
inline void add_rows(Rows a, std::size_t features, std::size_t lanes, float* sums) {
  for (std::size_t m = 0; m < features; ++m) {
    Vector total = load(sums + m * most_vector_lanes);
    for (std::size_t lane = 0; lane < lanes; lane += vector_lanes)
      total += load(a.values + m * a.stride + lane);
    store(sums + m * most_vector_lanes, total);
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
