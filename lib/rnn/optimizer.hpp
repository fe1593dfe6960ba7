#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rnn/parameter.hpp"

namespace rnn_rates::rnn {

/// Adam (adam.hpp) with decoupled weight decay (Loshchilov and Hutter
/// 2019).
struct OptimizerOptions {
  double learning_rate = 1e-3;
  double weight_decay = 0.0;       ///< of weights; biases do not decay
  double clip = 0.0;               ///< longest gradient; 0: any
  std::uint32_t cosine_steps = 0;  ///< steps over which the learning rate falls to 2%; 0: it stays
};

/// Learning rate of the step after `steps_taken`: half a cosine from 1 to 0.02 times the set one.
double learning_rate_at(const OptimizerOptions& options, std::uint32_t steps_taken);

/// What a gradient is multiplied by so that it is no longer than options.clip, as
/// torch.nn.utils.clip_grad_norm_.
double clip_factor(const OptimizerOptions& options, std::span<const float> gradient);

/// Takes the decay of one step, rate * weight_decay, from all weights except biases.
void decay_weights(std::span<const Parameter> parameters, double learning_rate,
                   const OptimizerOptions& options, std::span<float> weights);

}  // namespace rnn_rates::rnn
