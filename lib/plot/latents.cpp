#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/transitions.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double transition_window_ms = 250.0;
constexpr std::size_t gallery_units = 2;
constexpr std::size_t most_factors = 16;

/// Not tastes, but in the same hues, in dashes from the ninth on.
Stroke factor_stroke(std::size_t factor) {
  return {.colour = taste_colour(factor % 8), .width_px = 1.6, .dashed = factor >= 8};
}

const Array<float, 3>& latents_of(const RegionRates& rates, std::size_t taste) {
  if (taste >= rates.tastes.size() || rates.tastes[taste].latents.size() == 0)
    throw Error(ErrorKind::bug, "no latents of taste {} to draw", taste);
  return rates.tastes[taste].latents;
}

/// Trials in order of their transitions, those without one last.
std::vector<std::size_t> sorted_trials(const std::vector<double>& times_ms) {
  return sorted_indices(times_ms.size(), [&](std::size_t a, std::size_t b) {
    if (std::isnan(times_ms[a]) || std::isnan(times_ms[b]))
      return !std::isnan(times_ms[a]) && std::isnan(times_ms[b]);
    return times_ms[a] < times_ms[b];
  });
}

/// The trials of a taste in the order of rows.
struct SortedTrials {
  std::vector<std::size_t> trials;
  std::vector<double> times_ms;  ///< (trial)

  /// Their transitions, as a line.
  std::vector<float> marks() const {
    std::vector<float> points;
    for (std::size_t row = 0; row < trials.size(); ++row) {
      if (std::isfinite(times_ms[trials[row]]))
        points.insert(points.end(), {static_cast<float>(times_ms[trials[row]]), static_cast<float>(row + 1)});
    }
    return points;
  }
};

/// (taste)
std::vector<SortedTrials> sorted_by_transition(const RegionRates& rates) {
  std::vector<SortedTrials> sorted;
  sorted.reserve(rates.tastes.size());
  for (std::size_t index = 0; index < rates.tastes.size(); ++index) {
    const TasteRates& taste = rates.tastes[index];
    const std::vector<double> times_ms = certain_transition_times_ms(
        latents_of(rates, index), taste.rnn_time_ms, rates.bin_ms, transition_window_ms);
    sorted.push_back({sorted_trials(times_ms), times_ms});
  }
  return sorted;
}

/// How many there are, for the legend.
std::string transitions_found(const std::vector<SortedTrials>& sorted) {
  std::size_t found = 0, trials = 0;
  for (const SortedTrials& of_taste : sorted) {
    found += of_taste.marks().size() / 2;
    trials += of_taste.trials.size();
  }
  return found == 0 ? fmt::format("transition: none of {} trials has more than shuffled ones", trials)
                    : fmt::format("transition, in {} of {} trials beyond shuffled ones", found, trials);
}

/// Spikes of one unit.
Panel raster(const RegionRates& rates, const TasteRates& taste, std::size_t unit,
             const std::vector<std::size_t>& trials, const Rect& frame) {
  Axis rows = row_axis(trials.size());
  rows.ticks.clear();  // They would be ranks, not numbers of trials.
  Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, false), rows);
  panel.vertical(0.0, stimulus_stroke);
  std::vector<float> spikes;
  for (std::size_t row = 0; row < trials.size(); ++row)
    append_spikes(spikes, taste, trials[row], unit, static_cast<double>(row + 1));
  panel.spikes(spikes, spike_height(trials.size(), frame.height), {quiet_ink, spike_width_px});
  return panel;
}

/// 0 to what all but few of a unit's rates stay below.
ColourScale common_scale(const RegionRates& rates, std::size_t unit) {
  std::vector<float> values;
  for (const TasteRates& taste : rates.tastes) {
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.rnn_rate_hz}) {
      const Array<float, 2> of_unit = unit_values(*rate_hz, unit);
      values.insert(values.end(), of_unit.values().begin(), of_unit.values().end());
    }
  }
  Extent extent;
  extent.include(0.0);
  extent.include_most(values, 0.99);
  return ColourScale::sequential(0.0, extent.high());
}

/// A row of the gallery: spikes, boxcar or inferred rates of one unit, a panel for each taste.
void add_gallery_row(Picture& picture, const RegionRates& rates, const PanelGrid& grid, std::size_t row,
                     std::size_t unit, const std::vector<SortedTrials>& sorted) {
  const std::array<std::string, 3> kinds{"spikes", fmt::format("{:g} ms boxcar", rates.boxcar_ms),
                                         "inferred"};
  const std::size_t kind = row % kinds.size();
  const ColourScale scale = common_scale(rates, unit);
  const Rect first = grid.frame(0, row);
  picture.text(14.0, first.top + first.height / 2.0, rates.units[unit],
               {.align = Align::centre, .upright = true});
  picture.text(32.0, first.top + first.height / 2.0, kinds[kind],
               {.size_px = 11.0, .colour = quiet_ink, .align = Align::centre, .upright = true});
  picture.text(50.0, first.top + first.height / 2.0, "trial, sorted",
               {.size_px = 11.0, .colour = quiet_ink, .align = Align::centre, .upright = true});
  if (kind > 0) add_colour_bar(picture, grid.frame(grid.columns - 1, row), scale, "Hz");
  for (std::size_t column = 0; column < grid.columns; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const std::vector<std::size_t>& trials = sorted[column].trials;
    const Colour colour = taste_colour(taste.index);
    const Rect frame = grid.frame(column, row);
    if (row == 0) add_panel_title(picture, frame, taste.taste, colour);
    const auto heat = [&](const Array<float, 3>& rate_hz, double first_ms) {
      const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows);
      return heat_panel(frame, time, {unit_values(rate_hz, unit, trials), first_ms, rates.bin_ms}, scale,
                        false);
    };
    Panel panel = kind == 0   ? raster(rates, taste, unit, trials, frame)
                  : kind == 1 ? heat(taste.boxcar_rate_hz, taste.time_ms.front())
                              : heat(taste.rnn_rate_hz, taste.rnn_time_ms.front());
    const std::vector<float> marks = sorted[column].marks();
    if (kind > 0) panel.lines(marks, {0x000000, 4.2});  // White alone is lost on bright rates.
    panel.lines(marks, {kind == 0 ? colour : 0xFFFFFF, 2.2});
    picture.add(panel);
  }
}

}  // namespace

Picture trial_latents_picture(const RegionRates& rates, std::size_t taste_index, std::size_t trial) {
  check_shapes(rates);
  const Array<float, 3>& latents = latents_of(rates, taste_index);
  const TasteRates& taste = rates.tastes[taste_index];
  if (trial >= latents.extent(0))
    throw Error(ErrorKind::bug, "there is no trial {} of {}", trial, taste.taste);
  const PanelGrid grid{.rows = 2, .panel_width_px = 760.0, .panel_height_px = 200.0, .gap_y_px = 20.0};
  Picture picture = grid.picture();
  const std::size_t factors = std::min(latents.extent(1), most_factors);
  std::vector<LegendEntry> legend;
  for (std::size_t factor = 0; factor < factors; ++factor)
    legend.push_back({fmt::format("{}", factor + 1), {factor_stroke(factor)}});
  add_titles(picture, grid, fmt::format("Latent factors of {}, trial {}", taste.taste, trial + 1),
             place(rates), legend);
  for (const bool z_scored : {false, true}) {
    std::vector<std::vector<float>> curves;
    Extent extent;
    for (std::size_t factor = 0; factor < factors; ++factor) {
      Moments over;
      over.add(latents, factor);
      const double deviation = over.variance() > 1e-12 ? std::sqrt(over.variance()) : 1.0;
      const auto raw = trial_values(latents, trial, factor);
      std::vector<float> values(raw.begin(), raw.end());
      for (float& value : values) {
        if (z_scored) value = static_cast<float>((static_cast<double>(value) - over.mean()) / deviation);
      }
      extent.include(values);
      curves.push_back(curve(taste.rnn_time_ms, values));
    }
    const Rect frame = grid.frame(z_scored ? 1 : 0);
    Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, z_scored), linear_axis(extent, 6));
    panel.vertical(0.0, stimulus_stroke);
    for (std::size_t factor = 0; factor < factors; ++factor)
      panel.lines(curves[factor], factor_stroke(factor));
    picture.add(panel);
    add_row_label(picture, grid, z_scored ? 1 : 0, z_scored ? "latent factor (z)" : "latent factor");
  }
  return picture;
}

Picture gallery_picture(const RegionRates& rates) {
  check_shapes(rates);
  const std::vector<std::size_t> units = most_varying_units(rates, gallery_units);
  const std::vector<SortedTrials> sorted = sorted_by_transition(rates);
  const PanelGrid grid{
      .columns = rates.tastes.size(),
      .rows = 3 * units.size(),
      .panel_width_px = rates.tastes.size() == 1
                            ? 560.0
                            : std::max(180.0, 420.0 - 45.0 * static_cast<double>(rates.tastes.size())),
      .panel_height_px = 118.0,
      .left_px = 78.0,
      .right_px = 72.0,
      .top_px = 108.0,
      .gap_x_px = 20.0,
      .gap_y_px = 16.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "Single trials sorted by their latent transition",
             place(rates) + "; the units whose rates vary most",
             {{transitions_found(sorted), {{quiet_ink, 2.2}}}, {"stimulus", {stimulus_stroke}}});
  for (std::size_t row = 0; row < grid.rows; ++row)
    add_gallery_row(picture, rates, grid, row, units[row / 3], sorted);
  return picture;
}

}  // namespace rnn_rates::plot
