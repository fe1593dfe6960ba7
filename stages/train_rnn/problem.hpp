#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "inference/fit_data.hpp"
#include "rnn/engine.hpp"
#include "rnn/parameter.hpp"
#include "train_rnn/choose_engine.hpp"

namespace rnn_rates::train_rnn {

/// One network to train: that of a fit, or of one of its folds.
struct Network {
  const inference::FitData* data = nullptr;
  std::optional<std::uint32_t> fold;
};

/// train.steps; where that is 0, least_steps, or steps_per_trial for each trial (each of its chops) where
/// those are more.
std::uint32_t steps_of(const config::Train& train, std::size_t trials, std::size_t bins,
                       const neural::ChopSize& chop);
inline constexpr std::size_t least_steps = 500, steps_per_trial = 3;

/// What a network's training starts from.
struct Problem {
  std::uint64_t seed = 0;
  std::uint32_t steps = 0;  ///< at most
  std::size_t forecast_bins = 0;
  std::vector<std::uint32_t> train_trials, test_trials;
  bool holds_out = false;         ///< something observed does not train: trials, or chops of the only one
  bool starts_from_mean = false;  ///< the initial weights predict each unit's mean rate
  std::vector<double> input_mean, input_scale;  ///< (unit), of the masked GRU
  std::vector<rnn::Parameter> parameters;
  std::vector<float> initial_weights;
  EngineChoice engine;
  /// Engine at a learning rate, starting from `weights`.
  std::function<std::unique_ptr<rnn::Engine>(double learning_rate, const std::vector<float>& weights)>
      make_engine;
  /// Loss of `weights` on the training trials, without dropout.
  std::function<double(const std::vector<float>& weights)> train_loss;
  /// On the held-out ones; NaN where there are none.
  std::function<double(const std::vector<float>& weights)> held_out_loss;
};

/// The masked GRU learns from the counts, the autoencoder from the scores. Throws Error(config) for a
/// forecast that does not fit the bins.
Problem make_problem(const Network& network, const config::TrainRnn& settings, const EngineChoice& engine);

}  // namespace rnn_rates::train_rnn
