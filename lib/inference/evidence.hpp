#pragma once

#include <vector>

#include "inference/fit_data.hpp"
#include "inference/fit_model.hpp"
#include "inference/fit_rates.hpp"
#include "inference/verdict.hpp"

namespace rnn_rates::inference {

/// Root mean square over units of the log change in spikes from the first half of the session to the second,
/// each condition's trials halved in the order of time where that is known, and otherwise as they stand. What
/// Poisson counts vary by chance is taken off; 0 where no more is left.
double drift_of_units(const FitData& data);

/// What the verdict on a fit is found from: its scores, its spikes and its trained networks.
Evidence gather_evidence(const FitData& data, const FitRates& rates, const ScoreTable& table,
                         const std::vector<FitModel>& networks);

}  // namespace rnn_rates::inference
