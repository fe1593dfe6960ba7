#pragma once

#include <algorithm>
#include <limits>

#include "core/random.hpp"
#include "rnn/engine.hpp"

namespace rnn_rates::test {

/// Standard normal inputs and targets.
inline rnn::AutoencoderData noise_data(const rnn::AutoencoderShape& shape, std::size_t bins,
                                       std::size_t trials, std::uint64_t seed) {
  RandomStream random(seed);
  rnn::AutoencoderData data{Array<float, 3>({bins, trials, shape.inputs}),
                            Array<float, 3>({bins, trials, shape.outputs})};
  for (float& value : data.inputs.values()) value = static_cast<float>(random.normal());
  for (float& value : data.targets.values()) value = static_cast<float>(random.normal());
  return data;
}

/// Takes away a third of the targets: single ones, the last of several outputs, all of the first of several
/// trials.
inline void leave_out_targets(rnn::AutoencoderData& data, std::uint64_t seed) {
  RandomStream random(seed);
  const auto [bins, trials, outputs] = data.targets.shape();
  for (std::size_t bin = 0; bin < bins; ++bin) {
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t output = 0; output < outputs; ++output) {
        const bool never = (trials > 1 && trial == 0) || (outputs > 1 && output + 1 == outputs);
        if (never || random.uniform() < 0.2)
          data.targets(bin, trial, output) = std::numeric_limits<float>::quiet_NaN();
      }
    }
  }
}

}  // namespace rnn_rates::test
