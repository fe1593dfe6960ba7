#pragma once

#include <vector>

#include "plot/region_rates.hpp"
#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {

/// Adds to the tastes of `regions`, made of the same fits, the rates of the network alone, where the inferred
/// ones are combined, and of the methods in rates.h5 that they are compared with. Of the network without its
/// gains. Throws Error(input).
void add_methods(const artifact::Opened& rates, const std::vector<inference::FitRates>& fits,
                 std::vector<plot::RegionRates>& regions);

/// Adds the units' scores: of several fits of a region, means over those that have one.
void add_unit_scores(const inference::SessionScores& scores, const std::vector<inference::FitRates>& fits,
                     std::vector<plot::RegionRates>& regions);

}  // namespace rnn_rates::plot_rates
