#include "rnn/dropout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "core/random.hpp"

using namespace rnn_rates;
using rnn_rates::rnn::dropout_factors;

namespace {

std::vector<float> row(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                       double probability, std::size_t lanes) {
  std::vector<float> factors(lanes, -1.0f);
  dropout_factors(seed, step, layer, feature, probability, factors);
  return factors;
}

double kept_share(const std::vector<float>& factors) {
  const auto dropped = std::count(factors.begin(), factors.end(), 0.0f);
  return 1.0 - static_cast<double>(dropped) / static_cast<double>(factors.size());
}

}  // namespace

TEST_CASE("Philox4x32 gives the known answers of its authors' Random123 kat_vectors") {
  using Words = std::array<std::uint32_t, 4>;
  CHECK(philox4x32<10>({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32<10>({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32<10>({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  CHECK(philox4x32<7>({0, 0, 0, 0}, {0, 0}) == Words{0x5f6fb709, 0x0d893f64, 0x4f121f81, 0x4f730a48});
}

TEST_CASE("each lane reads the half word that the documented order gives it") {
  const auto factors = row(0x123456789abcdef0, 7, 1, 3, 0.3, 400);
  for (std::size_t lane = 0; lane < factors.size(); ++lane) {
    const std::size_t in_group = lane % 128, block = 16 * (lane / 128) + in_group % 16;
    const auto words = philox4x32<7>({static_cast<std::uint32_t>(block), 3, 1, 7}, {0x9abcdef0, 0x12345678});
    const std::uint32_t word = words[in_group % 64 / 16];
    const std::uint32_t half = in_group < 64 ? word & 0xffff : word >> 16;
    CAPTURE(lane);
    CHECK(factors[lane] == (half >= 19661 ? 1.0f / 0.7f : 0.0f));
  }
}

TEST_CASE("a lane's factor does not depend on how many lanes there are") {
  const auto longer = row(1, 2, 0, 3, 0.2, 1000);
  for (const std::size_t lanes : {1u, 15u, 64u, 65u, 127u, 128u, 129u, 640u}) {
    const auto shorter = row(1, 2, 0, 3, 0.2, lanes);
    CHECK(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  }
}

TEST_CASE("seed, step, layer and feature each change the mask, in both halves of the seed") {
  const std::set<std::vector<float>> masks{
      row(1, 2, 0, 3, 0.5, 256), row(2, 2, 0, 3, 0.5, 256), row(1 + (1ull << 32), 2, 0, 3, 0.5, 256),
      row(1, 3, 0, 3, 0.5, 256), row(1, 2, 1, 3, 0.5, 256), row(1, 2, 0, 4, 0.5, 256)};
  CHECK(masks.size() == 6);
}

TEST_CASE("lanes are dropped with the probability asked for, independently, and the mean factor is 1") {
  constexpr std::size_t lanes = 1'000'000;
  for (const double probability : {0.05, 0.2, 0.5, 0.9}) {
    CAPTURE(probability);
    const auto factors = row(11, 0, 1, 0, probability, lanes);
    const double keep = 1.0 - probability, standard_error = std::sqrt(keep * probability / lanes);
    // Probabilities are rounded to 1/65536.
    CHECK(std::abs(kept_share(factors) - keep) < 4.0 * standard_error + 1.0 / 131072.0);
    CHECK(*std::max_element(factors.begin(), factors.end()) == doctest::Approx(1.0 / keep).epsilon(1e-7));
    // The share of lanes kept together with the lane `apart` further on is keep^2: the same word's other half
    // is 64 lanes away, the same block's next word 16.
    for (const std::size_t apart : {1u, 16u, 64u, 128u}) {
      std::size_t both = 0;
      for (std::size_t i = 0; i + apart < lanes; ++i) both += factors[i] > 0.0f && factors[i + apart] > 0.0f;
      const double share = static_cast<double>(both) / static_cast<double>(lanes - apart);
      CHECK(std::abs(share - keep * keep) < 6.0 * standard_error + 1.0 / 65536.0);
    }
  }
}

TEST_CASE("without dropout every factor is 1") {
  const auto factors = row(1, 2, 0, 3, 0.0, 300);
  CHECK(std::all_of(factors.begin(), factors.end(), [](float factor) { return factor == 1.0f; }));
}
