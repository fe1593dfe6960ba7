#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "inference/fit_data.hpp"
#include "inference/networks.hpp"
#include "rnn/gru_network.hpp"

namespace rnn_rates::inference {

/// Counts (trial, unit, bin) between 0 and 3; the last unit never spikes.
inline Array<std::uint16_t, 3> some_counts(std::size_t trials, std::size_t units, std::size_t bins) {
  RandomStream random(3);
  Array<std::uint16_t, 3> counts({trials, units, bins});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const bool silent = i / bins % units == units - 1;
    counts.values()[i] = silent ? std::uint16_t{0} : static_cast<std::uint16_t>(random.below(4));
  }
  return counts;
}

/// Eight trials of two tastes, three units, 20 bins of 25 ms, two folds over trials.
inline FitData small_fit() {
  FitData data;
  data.fit.region = "all";
  data.fit.taste = "all";
  data.fit.seed = 1;
  data.fit.units = {0, 1, 2};
  data.fit.trial_taste = {0, 0, 0, 0, 1, 1, 1, 1};
  data.fit.train_trials = {0, 1, 2, 3, 4, 5, 6, 7};
  data.fit.folds = neural::assign_folds(8, 2);
  data.grid = {.start_ms = 0, .bin_ms = 25, .bins = 20, .stim_ms = 100};
  data.counts = some_counts(8, 3, 20);
  return data;
}

/// The parameters of a network, all 0 but those of `values`, by name.
inline std::vector<NamedTensor> all_zero_but(const std::vector<rnn::Parameter>& parameters,
                                             const std::map<std::string, std::vector<float>>& values) {
  std::vector<NamedTensor> tensors;
  for (const rnn::Parameter& parameter : parameters) {
    const auto found = values.find(parameter.name);
    tensors.push_back({parameter.name, parameter.shape,
                       found == values.end() ? std::vector<float>(parameter.size(), 0.0F) : found->second});
  }
  return tensors;
}

/// A masked GRU for `small_fit` that answers `spikes_per_bin` for every unit, whatever it reads, but for a
/// change within the trial of 1 in 100 000, without which there would be no latent factors.
inline FitModel constant_gru(double spikes_per_bin) {
  FitModel model{.engine = "fused", .network = NetworkKind::masked_gru};
  model.input_mean = {0, 0, 0};
  model.input_scale = {1, 1, 1};
  model.mask = rnn::MaskOptions{.block_bins = 4, .probability = 0.5};
  const rnn::GruShape shape{.units = 3, .hidden = 1, .directions = 2, .rank = 1, .context = 2};
  const auto log_rate = static_cast<float>(std::log(spikes_per_bin));
  model.last_weights = all_zero_but(rnn::parameters(shape), {{"readout.bias", {log_rate, log_rate, log_rate}},
                                                             {"gru.bias_ih_l0", {0, 0, 1}},
                                                             {"factors.weight", {1, 0}},
                                                             {"readout.weight", {1e-5F, 1e-5F, 1e-5F}}});
  model.best_weights = model.last_weights;
  return model;
}

}  // namespace rnn_rates::inference
