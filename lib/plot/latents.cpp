#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

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

/// Squared distance, for each bin, between the mean of a factor in the `half` bins before its start and in
/// those from it on, added to `distances`.
void add_distances(std::span<const float> values, std::size_t half, std::vector<double>& distances) {
  for (std::size_t bin = half; bin + half <= values.size(); ++bin) {
    double difference = 0.0;
    for (std::size_t i = 0; i < half; ++i) {
      difference += static_cast<double>(values[bin + i]) - static_cast<double>(values[bin - 1 - i]);
    }
    difference /= static_cast<double>(half);
    distances[bin] += difference * difference;
  }
}

/// Trials in order of their transitions, those without one last.
std::vector<std::size_t> sorted_trials(const std::vector<double>& times_ms) {
  std::vector<std::size_t> trials(times_ms.size());
  std::iota(trials.begin(), trials.end(), std::size_t{0});
  std::stable_sort(trials.begin(), trials.end(), [&](std::size_t a, std::size_t b) {
    if (std::isnan(times_ms[a]) || std::isnan(times_ms[b]))
      return !std::isnan(times_ms[a]) && std::isnan(times_ms[b]);
    return times_ms[a] < times_ms[b];
  });
  return trials;
}

/// Spikes of one unit, marks where each trial's transition is.
Panel raster(const RegionRates& rates, const TasteRates& taste, std::size_t unit,
             const std::vector<std::size_t>& trials, const Rect& frame, bool trial_labels) {
  Axis rows = row_axis(trials.size());
  if (!trial_labels) rows.ticks.clear();
  Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, false), rows);
  panel.vertical(0.0, stimulus_stroke);
  std::vector<float> spikes;
  for (std::size_t row = 0; row < trials.size(); ++row)
    append_spikes(spikes, taste, trials[row], unit, static_cast<double>(row + 1));
  panel.spikes(spikes, spike_height(trials.size(), frame.height), {quiet_ink, spike_width_px});
  return panel;
}

/// The trials' transitions in the order of rows, as a line.
std::vector<float> marks_of(const std::vector<std::size_t>& trials, const std::vector<double>& times_ms) {
  std::vector<float> marks;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    if (std::isfinite(times_ms[trials[row]]))
      marks.insert(marks.end(), {static_cast<float>(times_ms[trials[row]]), static_cast<float>(row + 1)});
  }
  return marks;
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
      for (std::size_t each = 0; each < latents.extent(0); ++each)
        over.add(trial_values(latents, each, factor));
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

std::vector<double> transition_times_ms(const Array<float, 3>& latents, std::span<const double> time_ms,
                                        double bin_ms, double window_ms) {
  const auto half = static_cast<std::size_t>(std::max(1.0, std::round(window_ms / bin_ms)));
  std::vector<double> times;
  for (std::size_t trial = 0; trial < latents.extent(0); ++trial) {
    std::vector<double> distances(time_ms.size(), 0.0);
    for (std::size_t factor = 0; factor < latents.extent(1); ++factor) {
      add_distances(trial_values(latents, trial, factor), half, distances);
    }
    double best = -1.0, at = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t bin = half; bin + half <= time_ms.size(); ++bin) {
      const double start_ms = time_ms[bin] - bin_ms / 2.0;
      if (start_ms < 0.0 || distances[bin] <= best) continue;
      best = distances[bin];
      at = start_ms;
    }
    times.push_back(at);
  }
  return times;
}

Picture gallery_picture(const RegionRates& rates) {
  check_shapes(rates);
  const std::vector<std::size_t> units = most_varying_units(rates, gallery_units);
  const PanelGrid grid{
      .columns = rates.tastes.size(),
      .rows = 3 * units.size(),
      .panel_width_px = std::max(180.0, 420.0 - 45.0 * static_cast<double>(rates.tastes.size())),
      .panel_height_px = 118.0,
      .left_px = 78.0,
      .right_px = 72.0,
      .top_px = 108.0,
      .gap_x_px = 20.0,
      .gap_y_px = 16.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "Single trials sorted by their latent transition",
             place(rates) + "; the units whose rates vary most",
             {{"transition", {{quiet_ink, 2.2}}}, {"stimulus", {stimulus_stroke}}});
  const std::array<std::string, 3> kinds{"spikes", fmt::format("{:g} ms boxcar", rates.boxcar_ms),
                                         "inferred"};
  for (std::size_t row = 0; row < grid.rows; ++row) {
    const std::size_t unit = units[row / 3], kind = row % 3;
    Extent extent;
    extent.include(0.0);
    for (const TasteRates& taste : rates.tastes)
      extent.include(unit_values(taste.rnn_rate_hz, unit).values());
    const ColourScale scale = ColourScale::sequential(0.0, extent.high());
    const Rect first = grid.frame(0, row);
    picture.text(14.0, first.top + first.height / 2.0, rates.units[unit],
                 {.align = Align::centre, .upright = true});
    picture.text(32.0, first.top + first.height / 2.0, kinds[kind],
                 {.size_px = 11.0, .colour = quiet_ink, .align = Align::centre, .upright = true});
    if (kind > 0) add_colour_bar(picture, grid.frame(grid.columns - 1, row), scale, "Hz");
    for (std::size_t column = 0; column < grid.columns; ++column) {
      const TasteRates& taste = rates.tastes[column];
      const Colour colour = taste_colour(taste.index);
      const std::vector<double> times_ms = transition_times_ms(latents_of(rates, column), taste.rnn_time_ms,
                                                               rates.bin_ms, transition_window_ms);
      const std::vector<std::size_t> trials = sorted_trials(times_ms);
      const Rect frame = grid.frame(column, row);
      if (row == 0) add_panel_title(picture, frame, taste.taste, colour);
      const auto heat = [&](const Array<float, 3>& rate_hz, double first_ms) {
        const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows);
        return heat_panel(frame, time, {unit_values(rate_hz, unit, trials), first_ms, rates.bin_ms}, scale,
                          column == 0);
      };
      Panel panel = kind == 0   ? raster(rates, taste, unit, trials, frame, column == 0)
                    : kind == 1 ? heat(taste.boxcar_rate_hz, taste.time_ms.front())
                                : heat(taste.rnn_rate_hz, taste.rnn_time_ms.front());
      panel.lines(marks_of(trials, times_ms), {kind == 0 ? colour : 0xFFFFFF, 2.2});
      picture.add(panel);
    }
  }
  return picture;
}

}  // namespace rnn_rates::plot
