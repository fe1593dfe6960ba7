#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plot/paper.hpp"
#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

// The figures of a region, each in a source file of its own. All throw Error(bug) where shapes disagree
// (check_shapes). Those that take `page` have as many pages as the function of that name says, or one.

/// The units of a region in a grid, each with the mean over trials of the inferred rate of each condition and
/// its PSTH as a band of one standard error; each unit on its own scale, which holds all of it.
Picture mean_rates_picture(const RegionRates& rates, const Paper& paper, std::size_t page);
std::size_t mean_rates_pages(const RegionRates& rates, const Paper& paper);

/// One unit, a column for each condition: raster (first trial on top), boxcar rate and inferred rate, of each
/// trial or, where they are many, in bands, their mean bold; the rates of all conditions on one scale, which
/// holds all that is drawn.
Picture unit_rates_picture(const RegionRates& rates, const Paper& paper, std::size_t unit);

/// One unit, all conditions: raster with their colours behind it, the PSTH and the mean of the inferred
/// rates, both with their standard errors over trials, on one scale.
Picture psth_picture(const RegionRates& rates, const Paper& paper, std::size_t unit);

/// For each unit of a region, side by side: binned spikes and inferred rates of all trials by time, trials of
/// a condition together, each unit on its own two scales.
Picture overview_picture(const RegionRates& rates, const Paper& paper, std::size_t page);
std::size_t overview_pages(const RegionRates& rates, const Paper& paper);

/// One unit: boxcar of the counts beside the inferred rate, trials by time, on one scale with a colour bar,
/// and the binned spikes.
Picture unit_heat_picture(const RegionRates& rates, const Paper& paper, std::size_t unit);

/// Rates averaged over trials, units by time, a column for each condition: binned and inferred, in Hz on one
/// scale, and z-scored by each unit's boxcar rate (over conditions and bins).
Picture mean_heat_picture(const RegionRates& rates, const Paper& paper, std::size_t page);

/// Whether latents vary in two directions or more.
bool has_latent_axes(const RegionRates& rates);
/// Latents along their principal axes, trials by time: a row for each condition, a column for each axis.
/// Throws Error(bug) without latents.
Picture latents_picture(const RegionRates& rates, const Paper& paper, std::size_t page);
/// Paths through the latent space, by axes 1 and 2, 1 and 3, and the first three from one side: the mean of
/// each condition, with marks of time, and some single trials; a row for each fit. Throws Error(bug) with
/// fewer than two axes.
Picture latent_space_picture(const RegionRates& rates, const Paper& paper, std::size_t page);

struct TasteTrial {
  std::size_t taste = 0;
  std::size_t trial = 0;
};

/// One trial of the whole population, units sorted by the peak of their mean rates: spikes, inferred rates as
/// a heat map, and latents along their principal axes where there are any.
Picture population_picture(const RegionRates& rates, const Paper& paper, const TasteTrial& chosen);

/// Of the first four conditions the trial of median score (bits per spike, by the network that had not seen
/// it where known); of fewer conditions more trials, of low to high score, up to four in all.
std::vector<TasteTrial> typical_trials(const RegionRates& rates);
/// How those trials were chosen.
std::string trials_note(const RegionRates& rates, std::span<const TasteTrial> trials);

/// Whether all that fold_error_picture draws is known.
bool has_fold_error(const RegionRates& rates);

/// The typical trials of the four units whose rates vary most: spikes, inferred rate with its standard error
/// (of the log rate) shaded and, where known, the rate by the network that had not seen the trial. Throws
/// Error(bug) without standard errors.
Picture fold_error_picture(const RegionRates& rates, const Paper& paper, std::size_t page);

/// True against estimated rates of single trials, for sessions whose rates are known: a row for each of
/// `units`, a column for each of `trials`; spikes, boxcar rate (faint), true rate (black) and inferred rate
/// with its standard error, where known, in the condition's colour, each row on one scale. `note` follows the
/// session's name, such as a score. Throws Error(bug) where shapes disagree (check_shapes) or true rates,
/// `units` or `trials` are missing.
Picture true_rates_picture(const RegionRates& rates, const Paper& paper, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note);

/// The `most` units whose true rates vary most (standard deviation over tastes, trials and bins), in order of
/// their indices: a choice that no estimate has a part in.
std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most);

/// Single trials sorted by certain_transition_times_ms, a column for each condition: spikes, boxcar and
/// inferred rate of the units whose inferred rates vary most, with a mark at each transition; trials without
/// one come last, in their order. Throws Error(bug) without latents.
Picture gallery_picture(const RegionRates& rates, const Paper& paper, std::size_t page);

}  // namespace rnn_rates::plot
