#pragma once

#include <vector>

#include "inference/score_table.hpp"
#include "inference/verdict.hpp"

namespace rnn_rates::inference {

/// All that is said of how good a session's rates are.
struct SessionScores {
  std::vector<Metric> metrics;
  std::vector<ScoreTable> tables;  ///< of the fits that have one
  std::vector<FitVerdict> verdicts;
};

}  // namespace rnn_rates::inference
