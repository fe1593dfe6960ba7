#pragma once

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

// All throw Error(bug) where shapes disagree (check_shapes).

/// For each unit of a region, side by side: binned spikes and inferred rates of all trials by time, trials of
/// a taste together, each unit on its own two scales.
Picture overview_picture(const RegionRates& rates);

/// One unit: 250 ms boxcar of the counts beside the inferred rate, trials by time, on one scale with a colour
/// bar, and the binned spikes.
Picture unit_heat_picture(const RegionRates& rates, std::size_t unit);

/// Rates averaged over trials, units by time, a column for each taste: binned and inferred, in Hz on one
/// scale, and z-scored within each unit (over tastes and bins).
Picture mean_heat_picture(const RegionRates& rates);

/// Latent factors, trials by time: a row for each taste, a column for each factor; at most 12 factors.
/// Throws Error(bug) without latents.
Picture latents_picture(const RegionRates& rates);

}  // namespace rnn_rates::plot
