#include "rnn/dropout.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/random.hpp"

namespace rnn_rates::rnn {

void dropout_factors(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                     double probability, std::span<float> factors) {
  constexpr std::size_t blocks = 16, half_lanes = 4 * blocks, group_lanes = 2 * half_lanes;
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed),
                                         static_cast<std::uint32_t>(seed >> 32)};
  const auto threshold = static_cast<std::uint32_t>(std::lround(65536.0 * probability));
  const auto kept = static_cast<float>(1.0 / (1.0 - probability));
  std::array<std::uint32_t, half_lanes> words;
  for (std::size_t first = 0; first < factors.size(); first += group_lanes) {
    const auto first_block = static_cast<std::uint32_t>(first / group_lanes * blocks);
    for (std::uint32_t block = 0; block < blocks; ++block) {
      const auto drawn = philox4x32<7>({first_block + block, feature, layer, step}, key);
      for (std::size_t word = 0; word < drawn.size(); ++word) words[blocks * word + block] = drawn[word];
    }
    const std::size_t lanes = std::min(group_lanes, factors.size() - first);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::uint32_t word = words[lane % half_lanes];
      const std::uint32_t half = lane < half_lanes ? word & 0xFFFFu : word >> 16;
      factors[first + lane] = half >= threshold ? kept : 0.0f;
    }
  }
}

}  // namespace rnn_rates::rnn
