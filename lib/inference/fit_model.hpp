#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/choices.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::inference {

struct NamedTensor {
  std::string name;                ///< PyTorch's name of the parameter
  std::vector<std::size_t> shape;  ///< row-major
  std::vector<float> values;
};

/// What tuning tried, round by round, and what it chose.
struct TunedSettings {
  std::vector<std::uint32_t> candidate;  ///< (trial) number; 0 is the settings that were given
  std::vector<std::string> settings;     ///< (trial) those that candidates differ in
  std::vector<double> part_of_steps;     ///< (trial) share of all steps that its networks were trained for
  std::vector<double> bits_per_hidden_spike;      ///< (trial)
  std::vector<double> over_given;                 ///< (trial) the same minus that of candidate 0 in its round
  std::vector<double> over_given_standard_error;  ///< (trial) paired over runs of trials
  std::uint32_t chosen = 0;                       ///< candidate
};

/// What models/<fit>.h5 holds: a trained network and how it came about.
struct FitModel {
  std::string engine;  ///< that trained it, with its instruction set; kept as an attribute, for the record
  NetworkKind network = NetworkKind::masked_gru;  ///< kept as an attribute
  std::uint64_t seed = 0;
  std::uint32_t forecast_bins = 0;
  std::vector<double> input_mean;   ///< (unit) masked_gru sees (count - mean) / scale; empty for the other
  std::vector<double> input_scale;  ///< (unit)
  std::optional<rnn::MaskOptions> mask;  ///< of the masked GRU: what each step hid
  std::vector<NamedTensor> last_weights;
  std::vector<NamedTensor> best_weights;  ///< at the lowest validation loss
  std::uint32_t best_step = 0;
  std::vector<float> train_loss;                ///< (step) loss before the step, with dropout and masks
  std::vector<std::uint32_t> validation_steps;  ///< (validation) steps taken by then
  std::vector<float> validation_loss;           ///< (validation) without dropout
  std::vector<std::uint32_t> train_trials;
  std::vector<std::uint32_t> test_trials;
  bool stopped_early = false;
  float final_train_loss = 0;       ///< of the last weights on training trials, without dropout
  float final_validation_loss = 0;  ///< of the last weights on held-out trials; NaN where there are none
  std::vector<std::uint32_t> halved_at_steps;  ///< where the learning rate was halved after a divergence
  std::vector<std::string> warnings;
  std::optional<TunedSettings> tuned;  ///< where settings were tuned
};

}  // namespace rnn_rates::inference
