#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::plot {

/// (trial) when the latent state changed most: the time at which the squared distance between the mean
/// factors in the `window_ms` after it and in the `window_ms` before it is largest, among the times from the
/// stimulus on that have both; the earliest of equals. NaN where there is no such time. `latents` (trial,
/// factor, bin) as they are: factors that hardly vary hardly count.
std::vector<double> transition_times_ms(const Array<float, 3>& latents, std::span<const double> time_ms,
                                        double bin_ms, double window_ms);

/// The same, but NaN also for trials whose factors change no more at one time than those of different trials
/// do. The largest distance is a share of the sum over factors of each one's own largest squared difference;
/// it has to be above that of 95% of shuffled trials, each factor of which comes from another trial, so that
/// what all trials do at the same time makes no transition. NaN for all where no more trials pass than would
/// by chance (binomial, p < .05), or there are fewer than two factors or five trials.
std::vector<double> certain_transition_times_ms(const Array<float, 3>& latents,
                                                std::span<const double> time_ms, double bin_ms,
                                                double window_ms);

}  // namespace rnn_rates::plot
