#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rnn_rates {

/// Philox4x32 counter-based generator (Salmon, Moraes, Dror, Shaw, SC11): a keyed bijection of the counter.
/// Ten rounds are the authors' default; seven already pass BigCrush.
template <int Rounds = 10>
constexpr std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < Rounds; ++round) {
    const std::uint64_t even = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t odd = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(odd),
               static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(even)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// Seed for one purpose out of a general seed: equal inputs give equal seeds on every machine.
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose);

/// Random numbers in sequence from Philox; the same on every platform, unlike the standard distributions.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : seed_(seed) {}

  std::uint32_t next_u32();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Uniform integer in [0, bound); bound > 0.
  std::size_t below(std::size_t bound);
  /// Standard normal (Box and Muller).
  double normal();
  /// Gamma with unit scale, shape >= 1 (Marsaglia and Tsang, 2000).
  double gamma(double shape);
  /// A random order of 0..count-1 (Fisher and Yates).
  std::vector<std::size_t> permutation(std::size_t count);

 private:
  std::uint64_t seed_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> words_{};
  std::size_t used_ = 4;
};

}  // namespace rnn_rates
