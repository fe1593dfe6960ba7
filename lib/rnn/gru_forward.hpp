#pragma once

#include <span>

#include "core/array.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::rnn {

/// The network's inputs (bin, trial, input) for all trials: scaled counts, then the context inputs.
/// Where `hidden` (trial, unit, bin) is not empty, the counts marked in it are hidden, and the others are
/// multiplied by 1 / (1 - probability) as in training. Hidden and unobserved counts are 0.
Array<float, 3> gru_inputs(const CountData& data, const Array<std::uint8_t, 3>& hidden, double probability);

struct GruOutput {
  Array<float, 3> log_rates;  ///< (bin, trial, unit) log of spikes per bin, within its bounds
  Array<float, 3> factors;    ///< (bin, trial, rank)
};

/// The masked GRU in evaluation mode (no dropout, initial state 0) on `inputs` (bin, trial, input). Plain and
/// portable, for inference. Throws Error(bug) where `weights` or `inputs` do not fit `shape`.
GruOutput gru_forward(const GruShape& shape, std::span<const float> weights, const Array<float, 3>& inputs);

}  // namespace rnn_rates::rnn
