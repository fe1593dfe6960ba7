#pragma once

#include <vector>

#include "artifact/bins_file.hpp"
#include "config/config.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot_rates {

/// More conditions than colours that are told apart make several figures.
inline constexpr std::size_t most_conditions = 8;

/// What figures show of `regions`: the conditions, units and trials that the settings choose, trials in the
/// order that they ask for, and a part for each most_conditions of more conditions. Nothing where figures
/// show `regions` as they are. Throws Error(config) where the settings name what there is not, or choose
/// nothing.
std::vector<plot::RegionRates> choose(const std::vector<plot::RegionRates>& regions,
                                      const artifact::SessionBins& bins, const config::PlotRates& settings);

}  // namespace rnn_rates::plot_rates
