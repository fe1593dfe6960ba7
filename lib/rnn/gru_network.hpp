#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rnn/parameter.hpp"

namespace rnn_rates::rnn {

/// Sizes of the masked GRU: one GRU layer in one or two directions over the units' counts and the context
/// inputs; its states (both directions side by side) to `rank` latent factors without bias; those to the log
/// of each unit's spikes per bin.
struct GruShape {
  std::size_t units = 0;
  std::size_t hidden = 0;      ///< of a direction
  std::size_t directions = 2;  ///< 1: forward in time only
  std::size_t rank = 0;
  std::size_t context = 2;  ///< inputs beside the counts

  std::size_t inputs() const { return units + context; }
  std::size_t states() const { return directions * hidden; }
  bool operator==(const GruShape&) const = default;
};

/// Log spikes per bin beyond these are taken as these.
constexpr float lowest_log_rate = -9.0f, highest_log_rate = 4.0f;

/// Every parameter in flat order, named as PyTorch names them: gru.weight_ih_l0 (3 hidden, inputs; gates r,
/// z, n), gru.weight_hh_l0, gru.bias_ih_l0, gru.bias_hh_l0, the same with _reverse for the second direction,
/// factors.weight (rank, states), readout.weight (units, rank), readout.bias. The range of readout.weight is
/// half of PyTorch's, that of readout.bias 0: it starts at the units' mean log rates.
std::vector<Parameter> parameters(const GruShape& shape);

/// Initial weights from `seed`; readout.bias is log of `mean_counts` (unit; spikes per bin), at least log
/// 0.005.
std::vector<float> initial_weights(const GruShape& shape, std::uint64_t seed,
                                   std::span<const double> mean_counts);

}  // namespace rnn_rates::rnn
