#include "rnn/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rnn_rates::rnn {

double learning_rate_at(const OptimizerOptions& options, std::uint32_t steps_taken) {
  if (options.cosine_steps == 0) return options.learning_rate;
  constexpr double last_share = 0.02;
  const double passed = std::min(1.0, static_cast<double>(steps_taken) / options.cosine_steps);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * passed));
  return options.learning_rate * (last_share + (1.0 - last_share) * cosine);
}

double clip_factor(const OptimizerOptions& options, std::span<const float> gradient) {
  if (options.clip == 0.0) return 1.0;
  double squares = 0;
  for (const float g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
  return std::min(1.0, options.clip / (std::sqrt(squares) + 1e-6));
}

void decay_weights(std::span<const Parameter> parameters, double learning_rate,
                   const OptimizerOptions& options, std::span<float> weights) {
  if (options.weight_decay == 0.0) return;
  const auto kept = static_cast<float>(1.0 - learning_rate * options.weight_decay);
  for (const Parameter& parameter : parameters) {
    if (parameter.is_bias()) continue;
    for (float& weight : weights.subspan(parameter.offset, parameter.size())) weight *= kept;
  }
}

}  // namespace rnn_rates::rnn
