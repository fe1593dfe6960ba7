#pragma once

#include <map>
#include <vector>

#include "core/array.hpp"
#include "inference/fit_rates.hpp"
#include "inference/score_table.hpp"

namespace rnn_rates::inference {

/// All that is inferred of one fit.
struct FitResult {
  FitRates rates;
  ScoreTable table;
  std::vector<Metric> metrics;
  std::map<Method, Array<float, 3>> baselines_hz;  ///< (trial, unit, bin) of simpler methods, nothing hidden
};

}  // namespace rnn_rates::inference
