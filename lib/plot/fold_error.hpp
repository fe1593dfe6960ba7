#pragma once

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// Whether all that fold_error_picture draws is known.
bool has_fold_error(const RegionRates& rates);

/// Single trials (the first of each taste, up to four) of the four units whose rates vary most: spikes,
/// inferred rate with its standard error over the folds' networks shaded and, where known, the rate by the
/// network that had not seen the trial. Throws Error(bug) without standard errors.
Picture fold_error_picture(const RegionRates& rates);

}  // namespace rnn_rates::plot
