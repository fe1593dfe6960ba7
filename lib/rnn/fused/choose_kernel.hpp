#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "rnn/fused/pass.hpp"
#include "rnn/fused/update.hpp"

namespace rnn_rates::rnn::fused {

/// The builds of the kernel that this machine can run, best first; never empty where the engine runs at all.
std::vector<const Kernel*> usable_kernels();

/// The kernel for an instruction set ("x86-64-v2", "x86-64-v3", "x86-64-v4", "portable"), or the best one for
/// "". Throws Error(usage), naming the usable ones, for one that this machine or build does not have.
const Kernel& choose_kernel(const std::string& isa);

/// An engine of that kind on the kernel for `isa`. Throws Error(usage) as above and for another device than
/// "cpu".
template <class Engine, class Shape, class Options, class Data>
std::unique_ptr<Engine> make_engine(const Shape& shape, const Options& options, const Data& train,
                                    const Data& validation, const std::vector<float>& weights,
                                    const std::string& isa) {
  check_device(options.device);
  if (weights.size() != parameter_count(shape)) {
    throw Error(ErrorKind::bug, "the network has {} weights, got {}", parameter_count(shape), weights.size());
  }
  return std::make_unique<Engine>(shape, options, train, validation, weights, choose_kernel(isa));
}

/// The loss of an engine's step after `step` steps; its gradient goes to `gradient`.
template <class Engine>
double loss_and_gradient_at(Engine& engine, std::uint32_t step, std::vector<float>& gradient) {
  TrainingState state = engine.state();
  state.step = step;
  engine.restore(state);
  const double loss = engine.loss_and_gradient();
  gradient.assign(engine.gradient().begin(), engine.gradient().end());
  return loss;
}

}  // namespace rnn_rates::rnn::fused
