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

/// The name of the metric that holds the standard error of the one called `name`.
inline std::string standard_error_of(const std::string& name) { return name + "_standard_error"; }
inline bool is_standard_error(const std::string& name) { return name.ends_with("_standard_error"); }

/// How well one method predicts spikes that were hidden from it, in bits per spike against each unit's mean
/// rate. Standard errors are over trials, or over runs of trials that overlap; NaN where there is one only.
struct MethodScore {
  Method method = Method::rnn;
  double bits_per_hidden_spike = 0;
  double standard_error = std::numeric_limits<double>::quiet_NaN();
  double bits_over_best_simple = std::numeric_limits<double>::quiet_NaN();  ///< NaN without a simple method
  double over_best_simple_standard_error = std::numeric_limits<double>::quiet_NaN();  ///< paired
  /// While the whole unit is hidden in the trial; NaN for a method that then knows its mean only.
  double co_bits_per_spike = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> per_unit = {};  ///< (unit) NaN for a unit without spikes
  std::vector<double> per_fold = {};  ///< (fold) on the trials that the fold held out
};

/// The methods that were scored on one fit, best first.
struct ScoreTable {
  std::string fit;
  std::vector<MethodScore> methods;
};

/// The score of the rates that were published: of the combination or, where there is none, of the network.
/// Null in an empty table.
const MethodScore* published(const ScoreTable& table);

/// The best of the simple methods that were scored; null where none was.
const MethodScore* best_simple(const ScoreTable& table);

}  // namespace rnn_rates::inference
