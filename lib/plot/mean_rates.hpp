#pragma once

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// All units of a region in a grid, each with the mean over trials of the inferred rate (solid) and of the
/// binned rate (faint) of each taste in its colour; each unit on its own scale, which may cut off the
/// highest 1.5% of its binned rates; time from the stimulus is shared. The picture grows with the number of
/// units. Throws Error(bug) where shapes disagree (check_shapes).
Picture mean_rates_picture(const RegionRates& rates);

}  // namespace rnn_rates::plot
