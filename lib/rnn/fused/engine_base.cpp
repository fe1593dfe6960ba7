#include "rnn/fused/engine_base.hpp"

#include <fmt/ranges.h>

#include <cmath>
#include <string_view>

#include "core/error.hpp"
#include "rnn/adam.hpp"
#include "rnn/fused/fused_engine.hpp"

namespace rnn_rates::rnn {
namespace fused {

#if defined(__x86_64__)
extern const Kernel kernel_v2, kernel_v3, kernel_v4;
#else
extern const Kernel kernel_portable;
#endif

namespace {

/// The builds of the kernel that this machine can run, best first; never empty where the engine runs at all.
std::vector<const Kernel*> usable_kernels() {
  std::vector<const Kernel*> usable;
#if defined(__x86_64__)
  // The features that the levels of the x86-64 psABI name and that the kernel's code can come to use.
  const bool v2 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
  const bool v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) usable.push_back(&kernel_v4);
  if (v3) usable.push_back(&kernel_v3);
  if (v2) usable.push_back(&kernel_v2);
#else
  usable.push_back(&kernel_portable);
#endif
  return usable;
}

const Kernel& kernel_for(const std::string& isa, const std::string& device) {
  if (device != "cpu") {
    throw Error(ErrorKind::usage,
                "the fused engine runs on the CPU only; for device \"{}\" use --engine libtorch", device);
  }
  for (const Kernel* kernel : usable_kernels()) {
    if (isa.empty() || isa == kernel->isa) return *kernel;
  }
  throw Error(ErrorKind::usage, "the fused engine cannot run on instruction set '{}' here; it can on: {}",
              isa.empty() ? "of this machine" : isa, fmt::join(usable_isas(), ", "));
}

}  // namespace

EngineBase::EngineBase(std::vector<Parameter> parameters, const OptimizerOptions& optimizer,
                       const std::string& device, const std::vector<float>& weights, const std::string& isa)
    : kernel_(kernel_for(isa, device)), parameters_(std::move(parameters)), optimizer_(optimizer) {
  const std::vector<float> zeros(weights.size());
  restore({0, weights, zeros, zeros});
}

double EngineBase::train_step() {
  const double loss = loss_and_gradient();
  const double factor = clip_factor(optimizer_, gradient());
  if (factor < 1.0) {
    for (float& g : gradient()) g *= static_cast<float>(factor);
  }
  const double rate = learning_rate_at(optimizer_, state_.step);
  decay_weights(parameters_, rate, optimizer_, state_.weights);
  ++state_.step;
  const double correction1 = 1.0 - std::pow(adam_beta1, state_.step);
  const double correction2 = 1.0 - std::pow(adam_beta2, state_.step);
  kernel_.adam(state_.weights.size(), static_cast<float>(double{static_cast<float>(rate)} / correction1),
               static_cast<float>(1.0 / std::sqrt(correction2)), gradient().data(), state_.weights.data(),
               state_.moment1.data(), state_.moment2.data());
  return loss;
}

void EngineBase::restore(const TrainingState& state) {
  const std::size_t count = parameter_count(parameters_);
  if (state.weights.size() != count || state.moment1.size() != count || state.moment2.size() != count) {
    throw Error(ErrorKind::bug, "the network has {} weights, the state to restore has {}", count,
                state.weights.size());
  }
  state_ = state;
}

}  // namespace fused

std::vector<std::string> usable_isas() {
  std::vector<std::string> names;
  for (const fused::Kernel* kernel : fused::usable_kernels()) names.emplace_back(kernel->isa);
  return names;
}

bool same_arithmetic(const std::string& isa, const std::string& other) {
  // Only x86-64-v2 is without fused multiply-adds.
  constexpr std::string_view without = "x86-64-v2";
  return isa == other || (isa != without && other != without);
}

}  // namespace rnn_rates::rnn
