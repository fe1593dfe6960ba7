#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rnn_rates::rnn {

/// Dropout factors of one feature over all lanes (lane = bin * trials + trial) at one step: 0 with
/// `probability`, otherwise 1 / (1 - probability).
///
/// Every factor is a function of (seed, step, layer, feature, lane) alone, so masks do not depend on engine,
/// vector width, thread or interruption. Lanes are taken in groups of 128, a group being 16 blocks of
/// Philox4x32-7 with counter (16 * group + block, feature, layer, step) and key = seed; lane e of a group
/// reads the low (e < 64) or high half of word (e % 64) / 16 of block e % 16 and is kept where that half,
/// 0..65535, is at least round(65536 * probability). This order makes the words of 16 blocks contiguous
/// lanes. `layer` 0 is the dropout after the encoder, `layer` l > 0 the one before recurrent layer l.
void dropout_factors(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                     double probability, std::span<float> factors);

}  // namespace rnn_rates::rnn
