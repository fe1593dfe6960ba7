#pragma once

#include <cstddef>
#include <cstdint>

namespace rnn_rates::rnn::fused {

/// Longest vector of any build, in floats: buffers are laid out for it.
constexpr std::size_t most_vector_lanes = 16;
/// Most recurrent layers.
constexpr std::size_t most_layers = 16;
/// Dense layers work on this many lanes at a time, which keeps a layer's in- and output in the cache; a whole
/// number of register tiles in every build.
constexpr std::size_t chunk_lanes = 768;

/// A linear layer's place in the flat parameter vector: weight (out, in) row-major, and bias (out).
struct Linear {
  std::size_t out, in, weight, bias;
};

/// Sizes. A lane is one bin of one trial, lane = bin * lane_trials + trial. Rows of features hold all lanes,
/// then zeros up to `row_lanes`.
struct Sizes {
  std::size_t bins, trials;
  std::size_t lane_trials;  ///< trials, or one vector's lanes where there are fewer
  std::size_t lanes, row_lanes, chunks;
  std::size_t inputs, hidden, outputs, layers, encoder_mid, decoder_mid;
  std::size_t parameters;
  Linear encoder[2], input_to_hidden[most_layers], hidden_to_hidden[most_layers], decoder[2];
};

/// All that one pass over a set of trials reads and writes. Rows are [feature][row_lanes]; chunked arrays are
/// [chunk][feature][chunk_lanes]. Plain pointers, because each instruction set's build shares nothing but
/// this.
struct Pass {
  Sizes sizes;
  const float* parameters;
  // Data
  const float* inputs;       ///< chunked, inputs
  const float* targets;      ///< chunked, outputs
  const float* lane_weight;  ///< [chunks * chunk_lanes] 1 for a lane of a trial, 0 for padding
  // Activations that the way back needs
  float* encoder_mid;               ///< chunked, encoder_mid
  float* encoded;                   ///< rows, hidden
  float* dropout[most_layers];      ///< rows, hidden: factors; all null without dropout
  float* layer_input[most_layers];  ///< rows, hidden: after dropout
  float* state[most_layers];        ///< rows, hidden
  // Scratch
  float* drive;             ///< rows, hidden: W_ih x + b of the layer at work
  float* state_gradient;    ///< rows, hidden: dL/dh from above
  float* drive_gradient;    ///< rows, hidden: dL/d(drive)
  float* chunk_scratch[4];  ///< [largest feature count][chunk_lanes]
  float* transposed;        ///< [parameters] weights as (in, out)
  float* sums;              ///< [parameters][most_vector_lanes] partial sums of gradients
  float* gradient;          ///< [parameters]
};

struct AdamStep {
  float learning_rate;
  double correction1, correction2;  ///< 1 - beta^step
};

struct GruKernel;

/// One build of the kernels.
struct Kernel {
  const char* isa;
  std::size_t vector_lanes;
  /// Fills the dropout rows for one step.
  void (*draw_dropout)(const Pass& pass, std::uint64_t seed, std::uint32_t step, double probability);
  /// Mean squared error; with `backward` also the gradient.
  double (*run)(const Pass& pass, bool backward);
  void (*adam)(std::size_t count, const AdamStep& step, const float* gradient, float* weights, float* moment1,
               float* moment2);
  const GruKernel* gru;
};

}  // namespace rnn_rates::rnn::fused
