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

/// Sums over lanes are kept apart by lane modulo sum_lanes in every build, in so many vectors, and each is
/// added to in the same order: builds with the same multiply-adds give the same bits.
constexpr std::size_t strands = sum_lanes / vector_lanes;

/// Half as long: with AVX-512 no slower than the whole, and faster on machines that compute 512 bits in
/// halves.
using HalfVector = stdx::simd<float, stdx::simd_abi::deduce_t<float, vector_lanes / 2>>;
constexpr bool halves_are_faster = vector_lanes == 16;

template <class V = Vector>
[[gnu::always_inline]] inline V load(const float* from) {
  return V(from, stdx::element_aligned);
}

template <class V>
[[gnu::always_inline]] inline void store(float* to, V values) {
  values.copy_to(to, stdx::element_aligned);
}

/// Sum of sum_lanes floats, halves added to halves.
[[gnu::always_inline]] inline float sum(const float* values) {
  Vector parts[strands];
  for (std::size_t i = 0; i < strands; ++i) parts[i] = load(values + i * vector_lanes);
  for (std::size_t half = strands / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) parts[i] += parts[i + half];
  }
  return stdx::reduce(parts[0]);
}

/// A quotient that is still to be divided.
template <class V = Vector>
struct Ratio {
  V over, under;
};

template <class V>
[[gnu::always_inline]] inline V divided(Ratio<V> a) {
  return a.over / a.under;
}

/// Two quotients for one division, which takes as long as a dozen multiplications: 1 / (u v) times v, u.
[[gnu::always_inline]] inline void divide(Ratio<> a, Ratio<> b, Vector& quotient_a, Vector& quotient_b) {
  const Vector inverse = 1.0f / (a.under * b.under);
  quotient_a = a.over * (inverse * b.under);
  quotient_b = b.over * (inverse * a.under);
}

/// Four quotients for one division.
[[gnu::always_inline]] inline void divide(const Ratio<> (&ratios)[4], Vector (&quotients)[4]) {
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
template <class V>
[[gnu::always_inline]] inline Ratio<V> tanh_ratio(V x) {
  constexpr float limit = 7.90531110763549805f;
  x = stdx::clamp(x, V(-limit), V(limit));
  const V s = x * x;
  V p = s * -2.76076847742355e-16f + 2.00018790482477e-13f;
  p = p * s + -8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  V q = s * 1.19825839466702e-06f + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  return {x * p, q};
}

template <class V>
[[gnu::always_inline]] inline V rational_tanh(V x) {
  return divided(tanh_ratio(x));
}

/// The part of 1 / (1 + exp(-x)) = 1/2 + tanh(x / 2) / 2 after the 1/2, as x P(x^2) / Q(x^2) with P of degree
/// 3 and Q of degree 4: the minimax approximation of tanh on [-8, 8], which is off by 1.3e-7 at most,
/// rescaled. Beyond, the value at the end is 1.8e-7 from the limit. The denominator lies between 1 and 200.
[[gnu::always_inline]] inline Ratio<> sigmoid_ratio(Vector x) {
  constexpr float limit = 16.0f;
  x = stdx::clamp(x, Vector(-limit), Vector(limit));
  const Vector s = x * x;
  Vector p = s * 4.41915533e-08f + 4.59235145e-05f;
  p = p * s + 0.00807119198f;
  p = p * s + 0.249999842f;
  Vector q = s * 9.47150537e-10f + 3.70416531e-06f;
  q = q * s + 0.00148531146f;
  q = q * s + 0.115617518f;
  q = q * s + 1.0f;
  return {x * p, q};
}

[[gnu::always_inline]] inline Vector sigmoid(Vector x) { return divided(sigmoid_ratio(x)) + 0.5f; }

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
