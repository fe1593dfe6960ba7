#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

// The figures of a region, each in a source file of its own. All throw Error(bug) where shapes disagree
// (check_shapes).

/// All units of a region in a grid, each with the mean over trials of the inferred rate (solid) and of the
/// binned rate (faint) of each taste in its colour; each unit on its own scale, which may cut off the
/// highest 1.5% of its binned rates; time from the stimulus is shared. The picture grows with the number of
/// units.
Picture mean_rates_picture(const RegionRates& rates);

/// One unit, a column for each taste: raster of the binned spikes (first trial on top; darker where a bin
/// holds several), boxcar rate and inferred rate (each trial faint, their mean bold) over a shared time axis
/// from the stimulus; the rates of all tastes on one scale, which may cut off the highest 0.2% of the single
/// trials' values.
Picture unit_rates_picture(const RegionRates& rates, std::size_t unit);

/// Mean and standard deviation (n - 1) over the trials whose rate is known, by bin.
struct MeanAndDeviation {
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// Of one unit of `rate_hz` (trial, unit, bin); empty without trials, deviations 0 with one.
MeanAndDeviation mean_and_deviation(const Array<float, 3>& rate_hz, std::size_t unit);

/// One unit, all tastes: raster with the tastes' colours behind it, mean and standard deviation over trials
/// of the boxcar rate and of the inferred rate on one scale, over a shared time axis from the stimulus.
Picture unit_tastes_picture(const RegionRates& rates, std::size_t unit);

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

/// Whether all that fold_error_picture draws is known.
bool has_fold_error(const RegionRates& rates);

/// Single trials (the first of each taste, up to four) of the four units whose rates vary most: spikes,
/// inferred rate with its standard error (of the log rate) shaded and, where known, the rate by the network
/// that had not seen the trial. Throws Error(bug) without standard errors.
Picture fold_error_picture(const RegionRates& rates);

struct TasteTrial {
  std::size_t taste = 0;
  std::size_t trial = 0;
};

/// True against estimated rates of single trials, for sessions whose rates are known: a row for each of
/// `units`, a column for each of `trials`; spikes, boxcar rate (faint), true rate (black) and inferred rate
/// in the taste's colour, each row on one scale. `note` follows the session's name, such as a score. Throws
/// Error(bug) where shapes disagree (check_shapes) or true rates, `units` or `trials` are missing.
Picture true_rates_picture(const RegionRates& rates, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note);

/// The `most` units whose true rates vary most (standard deviation over tastes, trials and bins), in order of
/// their indices: a choice that no estimate has a part in.
std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most);

/// The latent factors of one trial by time: raw, and z-scored over all trials and bins of the taste. Throws
/// Error(bug) without latents or without this trial.
Picture trial_latents_picture(const RegionRates& rates, std::size_t taste, std::size_t trial);

/// Single trials sorted by certain_transition_times_ms, a column for each taste: spikes, boxcar and inferred
/// rate of the units whose inferred rates vary most, with a mark at each transition; trials without one come
/// last, in their order. Throws Error(bug) without latents.
Picture gallery_picture(const RegionRates& rates);

}  // namespace rnn_rates::plot
