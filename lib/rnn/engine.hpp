#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "rnn/autoencoder_network.hpp"
#include "rnn/optimizer.hpp"

namespace rnn_rates::rnn {

/// What a network learns from, or is checked on: inputs (bin, trial, input), targets (bin, trial, output);
/// `targets` at bin b is what the network shall say at bin b, NaN where there is no target, which adds
/// nothing to the loss.
struct AutoencoderData {
  Array<float, 3> inputs;
  Array<float, 3> targets;
};

struct AutoencoderOptions {
  double dropout = 0.0;
  OptimizerOptions optimizer;
  std::uint64_t seed = 0;      ///< of dropout; the initial weights are given
  std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"; engines that know only the CPU refuse the rest
};

/// All that the next step depends on, beside data and options. Flat vectors in the order of parameters().
struct TrainingState {
  std::uint32_t step = 0;  ///< steps taken so far
  std::vector<float> weights;
  std::vector<float> moment1;  ///< Adam's running mean of the gradient
  std::vector<float> moment2;  ///< Adam's running mean of its square
};

/// Computes training steps of one network on its data. Not for use from two threads at once; several engines
/// may run in as many threads.
class Engine {
 public:
  virtual ~Engine() = default;

  /// One step of the optimizer on the training data, with dropout and masks. Returns the loss before the
  /// update.
  virtual double train_step() = 0;
  /// Loss on the validation data, without dropout.
  virtual double validation_loss() = 0;
  virtual TrainingState state() const = 0;
  /// Continues from `state`; its vectors must fit the network.
  virtual void restore(const TrainingState& state) = 0;
};

}  // namespace rnn_rates::rnn
