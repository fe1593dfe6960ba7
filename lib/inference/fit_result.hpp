#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/array.hpp"
#include "inference/fit_rates.hpp"
#include "inference/knowledge.hpp"
#include "inference/score_table.hpp"
#include "inference/verdict.hpp"
#include "neural/observed.hpp"

namespace rnn_rates::inference {

/// All that is inferred of one fit.
struct FitResult {
  FitRates rates;
  ScoreTable table;
  std::vector<Metric> metrics;
  FitVerdict verdict;
  /// (trial, unit, bin) of simpler methods, nothing hidden; none of them unless they were asked for.
  std::optional<std::map<Method, Array<float, 3>>> baselines_hz;
  std::optional<FitScope> scope;  ///< decides what all of them know
};

/// Makes all rates and counts NaN where the unit was not observed.
void leave_unobserved_open(FitResult& result, const neural::Observed& observed);

}  // namespace rnn_rates::inference
