#pragma once

#include <cstddef>
#include <experimental/simd>

#include "rnn/fused/pass.hpp"

// This and the other headers of the kernel are compiled once for each instruction set. The unnamed namespace
// keeps the builds apart: a linker that merged them could run AVX-512 code on a machine without it.

namespace rnn_rates::rnn::fused {
namespace {

namespace stdx = std::experimental;

using Vector = stdx::native_simd<float>;
constexpr std::size_t vector_lanes = Vector::size();
static_assert(chunk_lanes % (3 * vector_lanes) == 0);

[[gnu::always_inline]] inline Vector load(const float* from) { return Vector(from, stdx::element_aligned); }
[[gnu::always_inline]] inline void store(float* to, Vector values) {
  values.copy_to(to, stdx::element_aligned);
}

/// Sum of `vector_lanes` floats, halves added to halves: the same order in every build of one width.
inline float sum(const float* lanes) {
  float part[vector_lanes];
  store(part, load(lanes));
#pragma GCC unroll 4
  for (std::size_t half = vector_lanes / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < half; ++i) part[i] += part[i + half];
  }
  return part[0];
}

/// tanh as x P(x^2) / Q(x^2) with P of degree 6 and Q of degree 3, the coefficients of Eigen's ptanh_float;
/// beyond |x| = 7.905 the result is +-1 in single precision. At most 3e-7 relative error.
[[gnu::always_inline]] inline Vector tanh(Vector x) {
  constexpr float limit = 7.90531110763549805f;
  x = stdx::clamp(x, Vector(-limit), Vector(limit));
  const Vector s = x * x;
  Vector p = s * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = p * s + -8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  Vector q = s * 1.19825839466702e-06f + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  return x * p / q;
}

/// 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, to 2e-7 absolute.
[[gnu::always_inline]] inline Vector sigmoid(Vector x) { return tanh(x * 0.5f) * 0.5f + 0.5f; }

}  // namespace
}  // namespace rnn_rates::rnn::fused
