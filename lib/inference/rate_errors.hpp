#pragma once

#include <optional>
#include <stop_token>

#include "core/array.hpp"
#include "inference/combine.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/predict.hpp"
#include "neural/calibration.hpp"

namespace rnn_rates::inference {

/// Adds to the rates of masked GRUs what spikes hidden from them say of their errors: the calibration, and
/// with folds the standard error. The variance of a log rate is the sum of two: what the trial's spikes leave
/// open, by the response to them of rates that did not learn from the trial (neural::response_to_spikes), and
/// what learning left open, by the jackknife over the folds' networks and as 1 / spikes for the unit's mean.
/// What all of them miss is in neither;
/// hidden counts show it (neural::calibrate_variance). NaN where nothing is known: of units without spikes,
/// and where a unit was not observed. Throws Error(stopped) once `stop` is requested.
void add_errors(const FitData& data, const Predictions& hidden, const std::optional<Combination>& combination,
                FitRates& rates, const std::stop_token& stop = {});

}  // namespace rnn_rates::inference
