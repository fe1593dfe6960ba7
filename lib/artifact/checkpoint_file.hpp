#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/choices.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// What models/<fit>.ckpt.h5 holds: all that a fit needs to go on exactly. Flat vectors are in the order of
/// the network's parameters.
struct FitCheckpoint {
  EngineKind engine = EngineKind::fused;
  std::string isa;  ///< instruction set that it ran on
  std::uint32_t step = 0;
  std::vector<float> weights;
  std::vector<float> moment1;  ///< Adam's
  std::vector<float> moment2;
  std::vector<float> best_weights;  ///< empty before the first validation
  std::uint32_t best_step = 0;
  double best_validation_loss = 0;
  std::uint32_t validations_without_gain = 0;
  std::vector<float> train_loss;
  std::vector<std::uint32_t> validation_steps;
  std::vector<float> validation_loss;
  std::vector<std::uint32_t> halved_at_steps;  ///< where the learning rate was halved after a divergence
};

void write_checkpoint(h5::File& file, const FitCheckpoint& checkpoint);
/// Throws Error(input).
FitCheckpoint read_checkpoint(const h5::File& file);

}  // namespace rnn_rates::artifact
