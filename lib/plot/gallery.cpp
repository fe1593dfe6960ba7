#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/transitions.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double transition_window_ms = 250.0;
constexpr std::size_t gallery_units = 2;

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

/// 0 to what all but 1% of a unit's rates stay below.
ColourScale common_scale(const RegionRates& rates, std::size_t unit) {
  std::vector<float> values;
  for (const TasteRates& taste : rates.tastes) {
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.rnn_rate_hz}) {
      const Array<float, 2> of_unit = unit_values(*rate_hz, unit);
      values.insert(values.end(), of_unit.values().begin(), of_unit.values().end());
    }
  }
  Extent most, all;
  most.include(0.0);
  most.include_most(values, 0.99);
  all.include(values);
  ColourScale scale = ColourScale::sequential(0.0, most.high());
  return all.empty() ? scale : scale.drawing(0.0, all.high());
}

enum class Kind { spikes, boxcar, inferred };

/// A row of the gallery: spikes, boxcar or inferred rates of one unit, a panel for each condition.
struct GalleryRow {
  std::size_t unit;
  Kind kind;
  const ColourScale& scale;  ///< of the unit
};

void add_row_labels(Picture& picture, const RegionRates& rates, const Rect& first, const GalleryRow& row) {
  const std::string kind = row.kind == Kind::spikes   ? "spikes"
                           : row.kind == Kind::boxcar ? fmt::format("{:g} ms boxcar", rates.boxcar_ms)
                                                      : "inferred";
  const double middle = first.top + first.height / 2.0;
  const TextStyle quiet{.size_px = 11.0, .colour = quiet_ink, .align = Align::centre, .upright = true};
  picture.text(14.0, middle, rates.units[row.unit], {.align = Align::centre, .upright = true});
  picture.text(31.0, middle, kind, quiet);
  picture.text(48.0, middle, "trial, sorted", quiet);
}

void add_gallery_row(Picture& picture, const RegionRates& rates, const PanelGrid& grid, std::size_t index,
                     const GalleryRow& row, const std::vector<SortedTrials>& sorted) {
  add_row_labels(picture, rates, grid.frame(0, index), row);
  if (row.kind != Kind::spikes) add_colour_bar(picture, grid.frame(grid.columns - 1, index), row.scale, "Hz");
  for (std::size_t column = 0; column < grid.columns; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const std::vector<std::size_t>& trials = sorted[column].trials;
    const Rect frame = grid.frame(column, index);
    if (index == 0) add_condition_title(picture, frame, taste);
    const auto heat = [&](const Array<float, 3>& rate_hz, double first_ms) {
      const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, index + 1 == grid.rows);
      return heat_panel(frame, time, {unit_values(rate_hz, row.unit, trials), first_ms, rates.bin_ms},
                        row.scale, false);
    };
    Panel panel = row.kind == Kind::spikes   ? raster(rates, taste, row.unit, trials, frame)
                  : row.kind == Kind::boxcar ? heat(taste.boxcar_rate_hz, taste.time_ms.front())
                                             : heat(taste.rnn_rate_hz, taste.rnn_time_ms.front());
    const std::vector<float> marks = sorted[column].marks();
    const bool on_map = row.kind != Kind::spikes;
    if (on_map) panel.lines(marks, {0x000000, 3.6});  // White alone is lost on bright rates.
    panel.lines(marks, {on_map ? 0xFFFFFFU : taste_colour(taste.index), 1.8});
    picture.add(panel);
  }
}

}  // namespace

Picture gallery_picture(const RegionRates& rates, const Paper& paper, std::size_t) {
  check_shapes(rates);
  const std::vector<std::size_t> units = most_varying_units(rates, gallery_units);
  const std::vector<SortedTrials> sorted = sorted_by_transition(rates);
  const Heading heading{
      "Single trials sorted by their latent transition",
      fmt::format("{}; the units whose rates vary most; a transition is the largest change of the factors' "
                  "means over "
                  "{:g} ms, where it is larger than in shuffled trials; other trials follow in their order",
                  place(rates), transition_window_ms),
      {{transitions_found(sorted), {{quiet_ink, 2.2}}}, {"stimulus", {stimulus_stroke}}}};
  PanelGrid grid{.columns = rates.tastes.size(),
                 .rows = 3 * units.size(),
                 .panel_height_px = 112.0,
                 .left_px = 66.0,
                 .right_px = 66.0,
                 .gap_x_px = 12.0,
                 .gap_y_px = 20.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t i = 0; i < units.size(); ++i) {
    const ColourScale scale = common_scale(rates, units[i]);
    for (const Kind kind : {Kind::spikes, Kind::boxcar, Kind::inferred}) {
      add_gallery_row(picture, rates, grid, 3 * i + static_cast<std::size_t>(kind), {units[i], kind, scale},
                      sorted);
    }
  }
  return picture;
}

}  // namespace rnn_rates::plot
