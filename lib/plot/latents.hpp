#pragma once

#include <span>
#include <vector>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// The latent factors of one trial by time: raw, and z-scored over all trials and bins of the taste. Throws
/// Error(bug) without latents or without this trial.
Picture trial_latents_picture(const RegionRates& rates, std::size_t taste, std::size_t trial);

/// (trial) when the latent state changed most: the time at which the squared distance between the mean
/// factors in the `window_ms` after it and in the `window_ms` before it is largest, among the times from the
/// stimulus on that have both; the earliest of equals. NaN where there is no such time. `latents` (trial,
/// factor, bin) as they are: factors that hardly vary hardly count.
std::vector<double> transition_times_ms(const Array<float, 3>& latents, std::span<const double> time_ms,
                                        double bin_ms, double window_ms);

/// Single trials sorted by transition_times_ms, a column for each taste: spikes, boxcar and inferred rate of
/// the units whose inferred rates vary most, with a mark at each trial's transition. Throws Error(bug)
/// without latents.
Picture gallery_picture(const RegionRates& rates);

}  // namespace rnn_rates::plot
