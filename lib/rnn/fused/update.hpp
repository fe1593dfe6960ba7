#pragma once

#include <span>

#include "rnn/engine.hpp"
#include "rnn/fused/pass.hpp"

namespace rnn_rates::rnn::fused {

/// One step of the optimizer on `state`: clips `gradient` in place, decays the weights, moves them by Adam.
void update(const Kernel& kernel, const OptimizerOptions& options, std::span<const Parameter> parameters,
            std::span<float> gradient, TrainingState& state);

/// Throws Error(bug) unless the state's vectors have `count` elements.
void check_fits(const TrainingState& state, std::size_t count);

/// Throws Error(usage) for another device than "cpu".
void check_device(const std::string& device);

}  // namespace rnn_rates::rnn::fused
