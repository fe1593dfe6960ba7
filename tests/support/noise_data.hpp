#pragma once

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

}  // namespace rnn_rates::test
