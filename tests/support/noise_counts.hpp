#pragma once

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::test {

/// Spike counts of 0 to 3, most of them 0, the scaling that belongs to them, and context inputs: a pulse, the
/// trial's number, then ones in various bins.
inline rnn::CountData noise_counts(std::size_t units, std::size_t bins, std::size_t trials,
                                   std::uint64_t seed, std::size_t context = 2) {
  RandomStream random(seed);
  rnn::CountData data;
  data.counts = Array<std::uint16_t, 3>({trials, units, bins});
  for (auto& count : data.counts.values()) {
    const double u = random.uniform();
    count = static_cast<std::uint16_t>((u > 0.6) + (u > 0.85) + (u > 0.97));
  }
  data.context = Array<float, 3>({trials, context, bins});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    data.context(trial, 0, bins / 3) = 1.0f;
    const float number = static_cast<float>(trial) / static_cast<float>(trials) - 0.5f;
    std::fill_n(&data.context(trial, 1, 0), bins, number);
    for (std::size_t i = 2; i < context; ++i) {
      for (std::size_t bin = trial % bins; bin < bins; bin += i) data.context(trial, i, bin) = 1.0f;
    }
  }
  data.mean.assign(units, 0.58f);
  for (std::size_t unit = 0; unit < units; ++unit)
    data.scale.push_back(0.7f + 0.1f * static_cast<float>(unit % 3));
  return data;
}

inline std::vector<float> start_weights(const rnn::GruShape& shape, std::uint64_t seed) {
  return rnn::initial_weights(shape, seed, std::vector<double>(shape.units, 0.58));
}

}  // namespace rnn_rates::test
