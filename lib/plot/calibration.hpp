#pragma once

#include <span>
#include <string>
#include <vector>

#include "plot/picture.hpp"

namespace rnn_rates::plot {

/// Predicted against counted rates of bins that were hidden, a value for each tenth of the bins.
struct FitCalibration {
  std::string fit;  ///< such as "region gc, all tastes"
  std::vector<double> predicted_hz;
  std::vector<double> counted_hz;
  std::vector<double> counted_standard_error_hz;  ///< may be NaN
};

/// A panel for each fit: dots with their standard errors, and the diagonal on which predictions are right,
/// on logarithmic axes. Rates of 0 or less are left out. Throws Error(bug) without fits, or where the three
/// values disagree in number.
Picture calibration_picture(const std::string& session, std::span<const FitCalibration> fits);

}  // namespace rnn_rates::plot
