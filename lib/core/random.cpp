#include "core/random.hpp"

#include <xxhash.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace rnn_rates {

std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose) {
  return XXH3_64bits_withSeed(purpose.data(), purpose.size(), seed);
}

std::uint32_t RandomStream::next_u32() {
  if (used_ == words_.size()) {
    words_ = philox4x32({static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32), 0, 0},
                        {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32)});
    ++block_;
    used_ = 0;
  }
  return words_[used_++];
}

double RandomStream::uniform() {
  const std::uint64_t high = next_u32() >> 5, low = next_u32() >> 6;
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

std::size_t RandomStream::below(std::size_t bound) {
  return static_cast<std::size_t>(uniform() * static_cast<double>(bound));
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

double RandomStream::gamma(double shape) {
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal();
    const double cube = 1.0 + c * x;
    if (cube <= 0.0) continue;
    const double v = cube * cube * cube;
    if (std::log(1.0 - uniform()) < 0.5 * x * x + d * (1.0 - v + std::log(v))) return d * v;
  }
}

std::vector<std::size_t> RandomStream::permutation(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left) std::swap(order[left - 1], order[below(left)]);
  return order;
}

}  // namespace rnn_rates
