#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/choices.hpp"
#include "h5/file.hpp"
#include "inference/predict.hpp"
#include "rnn/trainer.hpp"

namespace rnn_rates::artifact {

/// What models/<fit>.ckpt.h5 holds: all that a fit needs to go on exactly. Flat vectors are in the order of
/// the network's parameters.
struct FitCheckpoint {
  EngineKind engine = EngineKind::fused;
  std::string isa;  ///< instruction set that it ran on
  rnn::TrainingProgress progress;
  std::vector<std::uint32_t> halved_at_steps;  ///< where the learning rate was halved after a divergence
};

void write_checkpoint(h5::File& file, const FitCheckpoint& checkpoint);
/// Throws Error(input).
FitCheckpoint read_checkpoint(const h5::File& file);

/// What rates_<fit>.ckpt.h5 holds.
void write_predictions(h5::File& file, const inference::Predictions& predictions);
/// Throws Error(input).
inference::Predictions read_predictions(const h5::File& file);

}  // namespace rnn_rates::artifact
