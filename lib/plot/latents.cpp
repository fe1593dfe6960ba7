#include "plot/latents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double transition_window_ms = 250.0;
constexpr std::size_t gallery_units = 2;
constexpr std::size_t most_factors = 16;

/// Factors are no tastes: the same hues, in dashes from the ninth on.
Stroke factor_stroke(std::size_t factor) {
  return {.colour = taste_colour(factor % 8), .width_px = 1.6, .dashed = factor >= 8};
}

struct Moments {
  double mean = 0.0;
  double deviation = 1.0;
};

Moments moments(const Array<float, 3>& latents, std::size_t factor) {
  double count = 0.0, sum = 0.0, squares = 0.0;
  for (std::size_t trial = 0; trial < latents.extent(0); ++trial) {
    for (const float value : trial_values(latents, trial, factor)) {
      count += 1.0;
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
  }
  const double mean = sum / std::max(count, 1.0);
  const double variance = squares / std::max(count, 1.0) - mean * mean;
  return {mean, variance > 1e-12 ? std::sqrt(variance) : 1.0};
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

Array<float, 2> rows_of(const Array<float, 3>& rate_hz, std::size_t unit,
                        const std::vector<std::size_t>& trials) {
  Array<float, 2> rows({trials.size(), rate_hz.extent(2)});
  for (std::size_t row = 0; row < trials.size(); ++row) {
    std::copy_n(&rate_hz(trials[row], unit, 0), rows.extent(1), &rows(row, 0));
  }
  return rows;
}

/// Draws one taste's trials of one unit: kind 0 spikes, 1 boxcar, 2 inferred rates.
Panel gallery_panel(const RegionRates& rates, const TasteRates& taste, std::size_t unit, std::size_t kind,
                    const std::vector<std::size_t>& trials, const std::vector<double>& times_ms,
                    const Rect& frame, const ColourScale& scale, bool time_labels, bool trial_labels) {
  const auto most = static_cast<double>(std::max<std::size_t>(trials.size(), 1));
  Axis time = time_axis(taste.time_ms, rates.bin_ms, static_cast<std::size_t>(frame.width / 42.0));
  time.labels = time_labels;
  Axis trial{most + 0.5, 0.5, round_ticks(1.0, most, 4), trial_labels};
  if (!trial_labels) trial.ticks.clear();
  Panel panel(frame, time, trial);
  std::vector<float> spikes, marks;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    const auto y = static_cast<float>(row + 1);
    for (std::size_t bin = 0; kind == 0 && bin < taste.time_ms.size(); ++bin) {
      if (taste.counts(trials[row], unit, bin) > 0)
        spikes.insert(spikes.end(), {static_cast<float>(taste.time_ms[bin]), y});
    }
    if (std::isfinite(times_ms[trials[row]]))
      marks.insert(marks.end(), {static_cast<float>(times_ms[trials[row]]), y});
  }
  if (kind == 1)
    panel.heat_map(rows_of(taste.boxcar_rate_hz, unit, trials), taste.time_ms.front(), rates.bin_ms, 1.0, 1.0,
                   scale);
  if (kind == 2)
    panel.heat_map(rows_of(taste.rnn_rate_hz, unit, trials), taste.rnn_time_ms.front(), rates.bin_ms, 1.0,
                   1.0, scale);
  panel.spikes(spikes, 0.8, {.colour = quiet_ink, .width_px = 1.1});
  panel.lines(std::array{0.0F, 0.5F, 0.0F, static_cast<float>(most + 0.5)}, {0x888888, 1.0, 1.0, true});
  panel.lines(marks, {kind == 0 ? taste_colour(taste.index) : 0xFFFFFF, 2.2});
  return panel;
}

}  // namespace

Picture trial_latents_picture(const RegionRates& rates, std::size_t taste_index, std::size_t trial) {
  check_shapes(rates);
  const Array<float, 3>& latents = latents_of(rates, taste_index);
  const TasteRates& taste = rates.tastes[taste_index];
  if (trial >= latents.extent(0))
    throw Error(ErrorKind::bug, "there is no trial {} of {}", trial, taste.taste);
  PanelGrid grid;
  grid.rows = 2;
  grid.panel_width_px = 760.0;
  grid.panel_height_px = 200.0;
  grid.gap_y_px = 20.0;
  Picture picture = grid.picture();
  const std::size_t factors = std::min(latents.extent(1), most_factors);
  std::vector<LegendEntry> legend;
  for (std::size_t factor = 0; factor < factors; ++factor)
    legend.push_back({fmt::format("{}", factor + 1), {factor_stroke(factor)}});
  add_titles(picture, grid, fmt::format("Latent factors of {}, trial {}", taste.taste, trial + 1),
             fmt::format("{}, region {}", rates.session, rates.region), legend);
  for (const std::size_t row : {std::size_t{0}, std::size_t{1}}) {
    std::vector<std::vector<float>> curves;
    Extent extent;
    for (std::size_t factor = 0; factor < factors; ++factor) {
      const Moments over = row == 0 ? Moments{} : moments(latents, factor);
      std::vector<float> values(trial_values(latents, trial, factor).begin(),
                                trial_values(latents, trial, factor).end());
      for (float& value : values)
        value = static_cast<float>((static_cast<double>(value) - over.mean) / over.deviation);
      extent.include(values);
      curves.push_back(curve(taste.rnn_time_ms, values));
    }
    Axis time = time_axis(taste.time_ms, rates.bin_ms, 14);
    time.labels = row == 1;
    Panel panel(grid.frame(0, row), time, linear_axis(extent, 6));
    panel.vertical(0.0, stimulus_stroke);
    for (std::size_t factor = 0; factor < factors; ++factor)
      panel.lines(curves[factor], factor_stroke(factor));
    picture.add(panel);
    add_row_label(picture, grid, row, row == 0 ? "latent factor" : "latent factor (z)");
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
  PanelGrid grid;
  grid.columns = rates.tastes.size();
  grid.rows = 3 * units.size();
  grid.panel_width_px = std::max(180.0, 420.0 - 45.0 * static_cast<double>(grid.columns));
  grid.panel_height_px = 118.0;
  grid.gap_x_px = 20.0;
  grid.gap_y_px = 16.0;
  grid.right_px = 72.0;
  grid.left_px = 78.0;
  grid.top_px = 108.0;
  Picture picture = grid.picture();
  add_titles(picture, grid, "Single trials sorted by their latent transition",
             fmt::format("{}, region {}; the units whose rates vary most", rates.session, rates.region),
             {{"transition", {{quiet_ink, 2.2}}}, {"stimulus", {stimulus_stroke}}});
  const std::array<std::string, 3> kinds{"spikes", fmt::format("{:g} ms boxcar", rates.boxcar_ms),
                                         "inferred"};
  for (std::size_t row = 0; row < grid.rows; ++row) {
    const std::size_t unit = units[row / 3];
    Extent extent;
    extent.include(0.0);
    for (const TasteRates& taste : rates.tastes) {
      for (std::size_t trial = 0; trial < taste.rnn_rate_hz.extent(0); ++trial)
        extent.include(trial_values(taste.rnn_rate_hz, trial, unit));
    }
    const ColourScale scale = ColourScale::sequential(0.0, extent.high());
    const Rect first = grid.frame(0, row), last = grid.frame(grid.columns - 1, row);
    picture.text(14.0, first.top + first.height / 2.0, rates.units[unit],
                 {.align = Align::centre, .upright = true});
    picture.text(32.0, first.top + first.height / 2.0, kinds[row % 3],
                 {.size_px = 11.0, .colour = quiet_ink, .align = Align::centre, .upright = true});
    if (row % 3 > 0)
      picture.colour_bar({last.right() + 14.0, last.top + 14.0, 12.0, last.height - 14.0}, scale, "Hz");
    for (std::size_t column = 0; column < grid.columns; ++column) {
      const TasteRates& taste = rates.tastes[column];
      const std::vector<double> times = transition_times_ms(latents_of(rates, column), taste.rnn_time_ms,
                                                            rates.bin_ms, transition_window_ms);
      const Rect frame = grid.frame(column, row);
      if (row == 0) {
        picture.text(frame.left + frame.width / 2.0, frame.top - 12.0, elided(taste.taste, 13.0, frame.width),
                     {.size_px = 13.0, .colour = taste_colour(taste.index), .align = Align::centre});
      }
      picture.add(gallery_panel(rates, taste, unit, row % 3, sorted_trials(times), times, frame, scale,
                                row + 1 == grid.rows, column == 0));
    }
  }
  return picture;
}

}  // namespace rnn_rates::plot
