#pragma once

#include <optional>
#include <vector>

#include "inference/combine.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/predict.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// How well methods predict spikes that were hidden from them, best method first: the network, the
/// combination, and what it is made of or compared with, all on the same spikes. The masked GRU is scored on
/// what it predicted while it was hidden; the autoencoder, which predicts ahead, by `rates` on its held-out
/// trials. The weights of the combination under which a trial is scored come from the other folds. No methods
/// where no trial was held out.
ScoreTable score(const FitData& data, const FitRates& rates, const Predictions& hidden,
                 const std::optional<Combination>& combination);

/// The headline of the fit, bits_per_hidden_spike of its published rates and bits_over_best_simple, both with
/// their standard errors; of the autoencoder also the bits per spike of the trials that it was trained on.
std::vector<Metric> score_metrics(const FitData& data, const FitRates& rates, const ScoreTable& table);

}  // namespace rnn_rates::inference
