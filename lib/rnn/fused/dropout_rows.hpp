#pragma once

#include "rnn/fused/simd.hpp"

namespace rnn_rates::rnn::fused {
namespace {

constexpr std::size_t group_blocks = 16, group_lanes = 128;

/// The words of 16 Philox4x32-7 blocks with counters (first + block, feature, layer, step), word by word: the
/// loops over blocks become vectors.
[[gnu::always_inline]] inline void philox_group(std::uint32_t first, std::uint32_t feature,
                                                std::uint32_t layer, std::uint32_t step, std::uint64_t seed,
                                                std::uint32_t (&words)[4][group_blocks]) {
  for (std::size_t block = 0; block < group_blocks; ++block) {
    words[0][block] = first + static_cast<std::uint32_t>(block);
    words[1][block] = feature;
    words[2][block] = layer;
    words[3][block] = step;
  }
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
#pragma GCC unroll 7
  for (int round = 0; round < 7; ++round) {
    for (std::size_t block = 0; block < group_blocks; ++block) {
      const std::uint64_t even = std::uint64_t{0xD2511F53u} * words[0][block];
      const std::uint64_t odd = std::uint64_t{0xCD9E8D57u} * words[2][block];
      words[0][block] = static_cast<std::uint32_t>(odd >> 32) ^ words[1][block] ^ key0;
      words[2][block] = static_cast<std::uint32_t>(even >> 32) ^ words[3][block] ^ key1;
      words[1][block] = static_cast<std::uint32_t>(odd);
      words[3][block] = static_cast<std::uint32_t>(even);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/// dropout_factors() of rnn/dropout.hpp, for `lanes` lanes rounded up to a group.
inline void dropout_row(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                        double probability, std::size_t lanes, float* factors) {
  const auto threshold = static_cast<std::uint32_t>(65536.0 * probability + 0.5);
  const auto keep = static_cast<float>(1.0 / (1.0 - probability));
  for (std::size_t group = 0; group * group_lanes < lanes; ++group) {
    std::uint32_t words[4][group_blocks];
    philox_group(static_cast<std::uint32_t>(group * group_blocks), feature, layer, step, seed, words);
    float* to = factors + group * group_lanes;
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
