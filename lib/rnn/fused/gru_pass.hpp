#pragma once

#include <cstddef>
#include <cstdint>

namespace rnn_rates::rnn::fused {

/// Trials that a pass works on at once. All arrays are blocks [feature][group_trials], one after another.
constexpr std::size_t group_trials = 32;

/// Bins whose gradients are summed into the weights' in one go.
constexpr std::size_t chunk_bins = 24;

/// Places in the flat parameter vector of one direction's tensors.
struct GruDirection {
  std::size_t weight_ih, weight_hh, bias_ih, bias_hh;
};

struct GruSizes {
  std::size_t bins, units, inputs, hidden, directions, rank, parameters;
  GruDirection direction[2];
  std::size_t factors_weight, readout_weight, readout_bias;
  float lowest_log_rate, highest_log_rate;

  std::size_t states() const { return directions * hidden; }
  std::size_t context() const { return inputs - units; }
};

/// All that one pass over a group of trials reads and writes.
struct GruPass {
  GruSizes sizes;
  const float* parameters;
  // Data
  const float* counts;       ///< [bin][unit]; NaN where unobserved
  const float* context;      ///< [bin][context input]
  const float* mean;         ///< (unit) spikes per bin
  const float* scale;        ///< (unit) spikes per bin
  const float* lane_weight;  ///< one block row: 1 for a trial, 0 for padding
  // Masks
  const float* mask;       ///< [mask block][unit]: 0 for hidden, else what the input is multiplied by
  std::size_t mask_bins;   ///< bins of a mask block
  std::size_t mask_phase;  ///< bin b lies in mask block (b + mask_phase) / mask_bins
  const float* dropout;    ///< [bin][state]: factors; null without dropout
  // Activations that the way back needs
  float* input;           ///< [bin][input]
  float* gates[2];        ///< [bin][4 hidden] of each direction: r, z, n, q
  float* state;           ///< [bin][state]: both directions' h
  float* state_gradient;  ///< [bin][state]: dL/dh from the read-out
  // Scratch
  float* dropped;            ///< [chunk bin][state]: h after dropout
  float* factors;            ///< [chunk bin][rank]
  float* factors_gradient;   ///< [chunk bin][rank]
  float* log_rate_gradient;  ///< [chunk bin][unit]
  float* gates_gradient;     ///< [chunk bin][4 hidden]: dL/d of r's, z's input, of q, of n's input
  float* carried;            ///< [hidden]: dL/dh that comes from the bin worked on before
  float* zeros;              ///< [hidden]: the state before the first bin
  float* transposed;         ///< [parameters] weights as (in, out)
  float* sums;               ///< [parameters][sum_lanes] partial sums of gradients
  float* gradient;           ///< [parameters]
};

/// Over the observed entries that are hidden from the network.
struct HiddenLoss {
  double total = 0;    ///< Poisson loss
  double entries = 0;  ///< how many
};

/// One build of the masked GRU's kernels.
struct GruKernel {
  /// Transposes the weights and zeroes the sums; before the groups of a step.
  void (*begin)(const GruPass& pass);
  /// The loss of the group; with `backward` adds its gradient to the sums.
  HiddenLoss (*run)(const GruPass& pass, bool backward);
  /// Gradient = sums * factor; after the groups.
  void (*finish)(const GruPass& pass, float factor);
};

}  // namespace rnn_rates::rnn::fused
