#pragma once

#include <optional>
#include <stop_token>

#include "core/array.hpp"
#include "inference/combine.hpp"
#include "inference/fit_data.hpp"
#include "inference/fit_rates.hpp"
#include "inference/networks.hpp"
#include "inference/predict.hpp"
#include "neural/calibration.hpp"

namespace rnn_rates::inference {

/// Adds to the rates of masked GRUs what spikes hidden from them say of their errors: the calibration, and
/// with folds the standard error. The variance of a log rate is the mean of two estimates: the jackknife over
/// the folds' networks, which knows what differs between networks but not what all of them miss, and the
/// response to the trial's own spikes (neural::response_to_spikes), which knows what these leave open, but
/// takes networks for optimal. It grows where hidden counts show that it does not suffice
/// (neural::growth_of_variance). NaN where nothing is known: of units without spikes, and where a unit was
/// not observed. Throws Error(stopped) once `stop` is requested.
void add_errors(const FitData& data, const Networks& networks, const Predictions& hidden,
                const std::optional<Combination>& combination, FitRates& rates,
                const std::stop_token& stop = {});

}  // namespace rnn_rates::inference
