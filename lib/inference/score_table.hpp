#pragma once

#include <limits>
#include <string>
#include <vector>

#include "inference/method.hpp"

namespace rnn_rates::inference {

/// One number that says how good a fit's rates are.
struct Metric {
  std::string fit;
  std::string name;
  std::string meaning;
  std::string units;
  double value = 0;
};

/// How well one method predicts spikes that it did not see.
struct MethodScore {
  Method method = Method::rnn;
  double bits_per_spike = 0;  ///< against each unit's mean rate
  /// While the whole unit is hidden in the trial; NaN for a method that then knows its mean only.
  double co_bits_per_spike = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> per_unit = {};  ///< (unit) bits per spike; NaN for a unit without spikes
};

/// The methods that were scored on one fit, best first.
struct ScoreTable {
  std::string fit;
  std::vector<MethodScore> methods;
};

}  // namespace rnn_rates::inference
