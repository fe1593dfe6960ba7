#pragma once

#include <cmath>

#include "rnn/fused/simd.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace rnn_rates::rnn::fused {
namespace {

/// Unsigned numbers of 64 bits, of which Philox uses the lower halves alone: what stands above need not be
/// cleared.
using Wide = stdx::native_simd<std::uint64_t>;
constexpr std::size_t group_blocks = 16, group_parts = group_blocks / Wide::size();

/// Products of the lower halves.
[[gnu::always_inline]] inline Wide multiply_lower(Wide a, std::uint32_t b) {
#if defined(__AVX512F__)
  // With a full mask, because GCC 12 takes the plain form's unused operand for an uninitialised variable.
  return Wide(_mm512_maskz_mul_epu32(0xFF, static_cast<__m512i>(a), _mm512_set1_epi64(b)));
#elif defined(__AVX2__)
  return Wide(_mm256_mul_epu32(static_cast<__m256i>(a), _mm256_set1_epi64x(b)));
#elif defined(__SSE2__)
  return Wide(_mm_mul_epu32(static_cast<__m128i>(a), _mm_set1_epi64x(b)));
#else
  return (a & 0xFFFFFFFFu) * Wide(b);
#endif
}

/// The words of 16 Philox4x32-7 blocks with counters (first + block, feature, layer, step), word by word.
[[gnu::always_inline]] inline void philox_group(std::uint32_t first, std::uint32_t feature,
                                                std::uint32_t layer, std::uint32_t step, std::uint64_t seed,
                                                std::uint32_t (&words)[4][group_blocks]) {
  Wide word[4][group_parts];
#pragma GCC unroll 8
  for (std::size_t part = 0; part < group_parts; ++part) {
    word[0][part] = Wide([&](auto lane) { return first + part * Wide::size() + lane; });
    word[1][part] = feature;
    word[2][part] = layer;
    word[3][part] = step;
  }
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
#pragma GCC unroll 7
  for (int round = 0; round < 7; ++round) {
#pragma GCC unroll 8
    for (std::size_t part = 0; part < group_parts; ++part) {
      const Wide even = multiply_lower(word[0][part], 0xD2511F53u);
      const Wide odd = multiply_lower(word[2][part], 0xCD9E8D57u);
      word[0][part] = (odd >> 32) ^ word[1][part] ^ Wide(key0);
      word[2][part] = (even >> 32) ^ word[3][part] ^ Wide(key1);
      word[1][part] = odd;
      word[3][part] = even;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t wide[group_blocks];
#pragma GCC unroll 8
    for (std::size_t part = 0; part < group_parts; ++part)
      word[i][part].copy_to(wide + part * Wide::size(), stdx::element_aligned);
    for (std::size_t block = 0; block < group_blocks; ++block)
      words[i][block] = static_cast<std::uint32_t>(wide[block]);
  }
}

/// dropout_factors() of rnn/dropout.hpp, for `lanes` lanes rounded up to a group.
inline void dropout_row(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                        double probability, std::size_t lanes, float* factors) {
  const auto threshold = static_cast<std::uint32_t>(std::lround(65536.0 * probability));
  const auto keep = static_cast<float>(1.0 / (1.0 - probability));
  for (std::size_t group = 0; group * dropout_lanes < lanes; ++group) {
    std::uint32_t words[4][group_blocks];
    philox_group(static_cast<std::uint32_t>(group * group_blocks), feature, layer, step, seed, words);
    float* to = factors + group * dropout_lanes;
    for (std::size_t word = 0; word < 4; ++word) {
      for (std::size_t block = 0; block < group_blocks; ++block) {
        to[word * group_blocks + block] = (words[word][block] & 0xFFFFu) >= threshold ? keep : 0.0f;
        to[64 + word * group_blocks + block] = (words[word][block] >> 16) >= threshold ? keep : 0.0f;
      }
    }
  }
}

}  // namespace
}  // namespace rnn_rates::rnn::fused
