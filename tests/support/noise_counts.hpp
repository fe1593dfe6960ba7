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

/// Marks a third of the counts as unobserved: runs of bins, the last of several units, the first of several
/// trials.
inline void leave_unobserved(rnn::CountData& data, std::uint64_t seed) {
  RandomStream random(seed);
  const auto [trials, units, bins] = data.counts.shape();
  data.observed = Array<std::uint8_t, 3>(data.counts.shape(), 1);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      const bool never = (trials > 1 && trial == 0) || (units > 1 && unit + 1 == units);
      const std::size_t first = never ? 0 : random.below(bins);
      const std::size_t length = never ? bins : random.below(bins - first + 1);
      std::fill_n(&data.observed(trial, unit, first), length, std::uint8_t{0});
    }
  }
}

/// Sets the unobserved counts to others, which must change nothing.
inline void change_unobserved(rnn::CountData& data) {
  for (std::size_t i = 0; i < data.observed.size(); ++i) {
    if (data.observed.values()[i] == 0) data.counts.values()[i] = static_cast<std::uint16_t>(7 * i);
  }
}

inline std::vector<float> start_weights(const rnn::GruShape& shape, std::uint64_t seed) {
  return rnn::initial_weights(shape, seed, std::vector<double>(shape.units, 0.58));
}

}  // namespace rnn_rates::test
