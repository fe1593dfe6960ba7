#pragma once

#include <cstddef>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// One unit, a column for each taste: raster of the binned spikes (first trial on top; darker where a bin
/// holds several), boxcar rate and inferred rate (each trial faint, their mean bold) over a shared time axis
/// from the stimulus; the rates of all tastes on one scale, which may cut off the highest 0.2% of the single
/// trials' values. Throws Error(bug) where shapes disagree (check_shapes).
Picture unit_rates_picture(const RegionRates& rates, std::size_t unit);

}  // namespace rnn_rates::plot
