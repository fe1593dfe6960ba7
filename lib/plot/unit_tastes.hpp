#pragma once

#include <vector>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// Mean and standard deviation (n - 1) over trials, by bin.
struct MeanAndDeviation {
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// Of one unit of `rate_hz` (trial, unit, bin); empty without trials, deviations 0 with one.
MeanAndDeviation mean_and_deviation(const Array<float, 3>& rate_hz, std::size_t unit);

/// One unit, all tastes: raster with the tastes' colours behind it, mean and standard deviation over trials
/// of the boxcar rate and of the inferred rate on one scale, over a shared time axis from the stimulus.
/// Throws Error(bug) where shapes disagree (check_shapes).
Picture unit_tastes_picture(const RegionRates& rates, std::size_t unit);

}  // namespace rnn_rates::plot
