#pragma once

#include <map>
#include <vector>

#include "core/array.hpp"
#include "inference/fit_rates.hpp"
#include "inference/score_table.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::inference {

/// All that is inferred of one fit.
struct FitResult {
  FitRates rates;
  ScoreTable table;
  std::vector<Metric> metrics;
  std::map<Method, Array<float, 3>> baselines_hz;  ///< (trial, unit, bin) of simpler methods, nothing hidden
};

/// Makes all rates and counts NaN where the unit was not observed.
void leave_unobserved_open(FitResult& result, const neural::Observed& observed);

}  // namespace rnn_rates::inference
