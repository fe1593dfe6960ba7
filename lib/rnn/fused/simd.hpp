#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
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

/// A quotient that is still to be divided.
struct Ratio {
  Vector over, under;
};

[[gnu::always_inline]] inline Vector divided(Ratio a) { return a.over / a.under; }

/// Two quotients for one division, which takes as long as a dozen multiplications: 1 / (u v) times v, u.
[[gnu::always_inline]] inline void divide(Ratio a, Ratio b, Vector& quotient_a, Vector& quotient_b) {
  const Vector inverse = 1.0f / (a.under * b.under);
  quotient_a = a.over * (inverse * b.under);
  quotient_b = b.over * (inverse * a.under);
}

/// Four quotients for one division.
[[gnu::always_inline]] inline void divide(const Ratio (&ratios)[4], Vector (&quotients)[4]) {
  const Vector under01 = ratios[0].under * ratios[1].under, under23 = ratios[2].under * ratios[3].under;
  const Vector inverse = 1.0f / (under01 * under23);
  const Vector inverse01 = inverse * under23, inverse23 = inverse * under01;
  quotients[0] = ratios[0].over * (inverse01 * ratios[1].under);
  quotients[1] = ratios[1].over * (inverse01 * ratios[0].under);
  quotients[2] = ratios[2].over * (inverse23 * ratios[3].under);
  quotients[3] = ratios[3].over * (inverse23 * ratios[2].under);
}

/// tanh as x P(x^2) / Q(x^2) with P of degree 6 and Q of degree 3, the coefficients of Eigen's ptanh_float;
/// beyond |x| = 7.905 the result is +-1 in single precision. At most 3e-7 relative error. The denominator
/// lies between 0.0048 and 0.91, so that products of four are far from underflow.
[[gnu::always_inline]] inline Ratio tanh_ratio(Vector x) {
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
  return {x * p, q};
}

[[gnu::always_inline]] inline Vector tanh(Vector x) { return divided(tanh_ratio(x)); }

/// 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2 from the tanh of half the argument, to 2e-7 absolute.
[[gnu::always_inline]] inline Vector sigmoid_of_tanh(Vector tanh_of_half) {
  return tanh_of_half * 0.5f + 0.5f;
}

[[gnu::always_inline]] inline Vector sigmoid(Vector x) { return sigmoid_of_tanh(tanh(x * 0.5f)); }

/// exp for |x| <= 80: 2^n e^r with n = round(x / ln 2) and |r| <= ln 2 / 2, e^r by its Taylor polynomial of
/// degree 7 (remainder below 6e-9), ln 2 in two parts. At most 2e-7 relative error.
[[gnu::always_inline]] inline Vector exp(Vector x) {
  // Adding 1.5 * 2^23 rounds to whole numbers, which then stand in the lowest bits.
  constexpr float shift = 12582912.0f;
  const Vector shifted = x * 1.44269504088896341f + shift;
  const Vector n = shifted - shift;
  const Vector r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Vector e = r * (1.0f / 5040.0f) + 1.0f / 720.0f;
  e = e * r + 1.0f / 120.0f;
  e = e * r + 1.0f / 24.0f;
  e = e * r + 1.0f / 6.0f;
  e = e * r + 0.5f;
  e = e * r + 1.0f;
  e = e * r + 1.0f;
  using Integers = stdx::rebind_simd_t<std::int32_t, Vector>;
  const Integers bits = std::bit_cast<Integers>(shifted) << 23;
  return std::bit_cast<Vector>(std::bit_cast<Integers>(e) + bits);
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
