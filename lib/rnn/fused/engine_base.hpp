#pragma once

#include <span>
#include <string>
#include <vector>

#include "rnn/engine.hpp"
#include "rnn/fused/pass.hpp"

namespace rnn_rates::rnn::fused {

/// What the engines of both networks share: a kernel, the weights, and the optimizer's step on them.
class EngineBase : public Engine {
 public:
  double train_step() final;
  TrainingState state() const final { return state_; }
  void restore(const TrainingState& state) final;

 protected:
  /// Throws Error(usage) for another device than "cpu" or an instruction set that cannot be used here,
  /// Error(bug) unless there is a weight for each parameter.
  EngineBase(std::vector<Parameter> parameters, const OptimizerOptions& optimizer, const std::string& device,
             const std::vector<float>& weights, const std::string& isa);

  /// Loss of the next step's training data, before its update; the gradient goes to gradient().
  virtual double loss_and_gradient() = 0;
  virtual std::span<float> gradient() = 0;

  const Kernel& kernel_;
  TrainingState state_;

 private:
  std::vector<Parameter> parameters_;
  OptimizerOptions optimizer_;
};

}  // namespace rnn_rates::rnn::fused
