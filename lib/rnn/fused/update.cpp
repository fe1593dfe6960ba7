#include "rnn/fused/update.hpp"

#include <cmath>

#include "core/error.hpp"
#include "rnn/adam.hpp"

namespace rnn_rates::rnn::fused {

void update(const Kernel& kernel, const OptimizerOptions& options, std::span<const Parameter> parameters,
            std::span<float> gradient, TrainingState& state) {
  const double factor = clip_factor(options, gradient);
  if (factor < 1.0) {
    for (float& g : gradient) g *= static_cast<float>(factor);
  }
  const double rate = learning_rate_at(options, state.step);
  decay_weights(parameters, rate, options, state.weights);
  ++state.step;
  const AdamStep step{static_cast<float>(rate), 1.0 - std::pow(adam_beta1, state.step),
                      1.0 - std::pow(adam_beta2, state.step)};
  kernel.adam(state.weights.size(), step, gradient.data(), state.weights.data(), state.moment1.data(),
              state.moment2.data());
}

void check_fits(const TrainingState& state, std::size_t count) {
  if (state.weights.size() == count && state.moment1.size() == count && state.moment2.size() == count) return;
  throw Error(ErrorKind::bug, "the network has {} weights, the state to restore has {}", count,
              state.weights.size());
}

void check_device(const std::string& device) {
  if (device == "cpu") return;
  throw Error(ErrorKind::usage,
              "the fused engine runs on the CPU only; for device \"{}\" use --engine libtorch", device);
}

}  // namespace rnn_rates::rnn::fused
