#pragma once

#include <cstddef>
#include <cstdint>

namespace rnn_rates::rnn::fused {

/// Lanes that sums over lanes are kept apart by, those of the longest vector of any build.
constexpr std::size_t sum_lanes = 16;
/// Most recurrent layers.
constexpr std::size_t most_layers = 16;
/// Most trials that a pass works on at once: more are split into groups of equal size, whose activations use
/// the same memory, so that it stays in the cache.
constexpr std::size_t most_group_trials = 32;
/// Dropout is drawn for whole groups of this many lanes.
constexpr std::size_t dropout_lanes = 128;
/// Dense layers work on a chunk of lanes at a time, which keeps a layer's in- and output in the cache: at
/// most this many, a whole number of `chunk_step`.
constexpr std::size_t most_chunk_lanes = 1344;
/// A whole number of register tiles in every build.
constexpr std::size_t chunk_step = 48;

/// A linear layer's place in the flat parameter vector: weight (out, in) row-major, and bias (out).
struct Linear {
  std::size_t out, in, weight, bias;
};

/// Sizes of a group of trials. A lane is one bin of one trial, lane = bin * lane_trials + trial. Rows of
/// features hold all lanes, then padding up to `row_lanes`; in chunked arrays, `chunk_lanes` and padding up
/// to `chunk_stride`.
struct Sizes {
  std::size_t bins, trials;
  std::size_t lane_trials;  ///< trials, or sum_lanes where there are fewer
  std::size_t lanes, row_lanes;
  std::size_t chunks, chunk_lanes, chunk_stride;
  std::size_t inputs, hidden, outputs, layers, encoder_mid, decoder_mid;
  std::size_t parameters;
  Linear encoder[2], input_to_hidden[most_layers], hidden_to_hidden[most_layers], decoder[2];
};

/// All that one pass over a group of trials reads and writes. Rows are [feature][row_lanes]; chunked arrays
/// are [chunk][feature][chunk_stride]. Plain pointers, because each instruction set's build shares nothing
/// but this.
struct Pass {
  Sizes sizes;
  const float* parameters;
  // Data
  const float* inputs;       ///< chunked, inputs
  const float* targets;      ///< chunked, outputs; NaN where there is none
  const float* lane_weight;  ///< (lane) 2 / (number of targets of all groups) for a trial; 0 for padding
  bool first;                ///< whether sums of gradients begin anew
  float kept;                ///< probability that dropout keeps a value; 1 without dropout
  // Activations that the way back needs
  float* encoder_mid;               ///< chunked, encoder_mid
  float* dropout[most_layers];      ///< rows, hidden: factors; all null without dropout
  float* layer_input[most_layers];  ///< rows, hidden: after dropout
  float* state[most_layers];        ///< rows, hidden
  // Scratch
  float* state_gradient[2];  ///< rows, hidden: dL/dh from above, of one layer and of what is below it
  float* drive_gradient;     ///< rows, hidden: dL/d(what tanh is taken of)
  float* carried[2];  ///< what recurrences take from one bin to the next, see autoencoder_recurrence.hpp
  float* biases;      ///< [hidden]: both biases of a recurrent layer
  float* chunk_scratch[3];  ///< [largest feature count][chunk_stride]
  float* transposed;        ///< [parameters] weights as (in, out)
  float* sums;              ///< [parameters][sum_lanes] partial sums of gradients
  float* gradient;          ///< [parameters]
};

struct GruKernel;

/// One build of the kernels.
struct Kernel {
  const char* isa;
  /// Transposes the weights; before the groups of a step.
  void (*begin)(const Pass& pass);
  /// The group's part of the mean squared error; with `backward` also adds its gradient to the sums.
  double (*run)(const Pass& pass, bool backward);
  /// Gradient from the sums; after the groups.
  void (*finish)(const Pass& pass);
  /// One row of dropout_factors() (rnn/dropout.hpp) for `lanes` rounded up to `dropout_lanes`.
  void (*dropout_row)(std::uint64_t seed, std::uint32_t step, std::uint32_t layer, std::uint32_t feature,
                      double probability, std::size_t lanes, float* factors);
  /// Adam's update of `count` weights at the step's `rate` = learning rate / (1 - beta1^step); `root` is 1 /
  /// sqrt(1 - beta2^step).
  void (*adam)(std::size_t count, float rate, float root, const float* gradient, float* weights,
               float* moment1, float* moment2);
  const GruKernel* gru;
};

}  // namespace rnn_rates::rnn::fused
