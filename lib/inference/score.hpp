#pragma once

#include <optional>
#include <vector>

#include "inference/combine.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/predict.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// Bits per spike of spikes that a method did not see, against each unit's mean rate, best method first: the
/// network, the combination, and with purpose.baselines the simpler methods on the same spikes. The masked
/// GRU is scored on what it predicted while it was hidden; the autoencoder, which predicts ahead, by `rates`
/// on its held-out trials. The weights of the combination under which a trial is scored come from the other
/// folds. No methods where no trial was held out.
ScoreTable score(const FitData& data, const FitRates& rates, const Predictions& hidden,
                 const std::optional<Combination>& combination, const Purpose& purpose);

/// Bits per spike of the fit's rates on trained and held-out trials.
std::vector<Metric> rate_metrics(const FitData& data, const FitRates& rates);

}  // namespace rnn_rates::inference
