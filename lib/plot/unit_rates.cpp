#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double trial_width_px = 1.0, mean_width_px = 2.4, raster_height_px = 150.0;

double column_width_px(std::size_t tastes) {
  constexpr std::array<double, 4> widths{520.0, 380.0, 310.0, 270.0};
  return tastes <= widths.size() ? widths[tastes - 1] : std::max(150.0, 1130.0 / static_cast<double>(tastes));
}

/// Trials fade as they grow in number.
double trial_opacity(std::size_t trials) {
  return std::clamp(4.0 / static_cast<double>(std::max<std::size_t>(trials, 1)), 0.12, 0.5);
}

/// Holds all means and 99.8% of the single trials' values.
Axis common_rate_axis(const RegionRates& rates, std::size_t unit) {
  Extent extent;
  std::vector<float> values;
  for (const TasteRates& taste : rates.tastes) {
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.rnn_rate_hz}) {
      extent.include(trial_mean(*rate_hz, unit));
      for (std::size_t trial = 0; trial < rate_hz->extent(0); ++trial) {
        const std::span<const float> trial_rates = trial_values(*rate_hz, trial, unit);
        values.insert(values.end(), trial_rates.begin(), trial_rates.end());
      }
    }
  }
  extent.include_most(values, 0.998);
  return rate_axis(extent, 5);
}

void add_raster(Panel& panel, const TasteRates& taste, std::size_t unit, Colour colour) {
  std::vector<float> spikes;
  for (std::size_t trial = 0; trial < taste.counts.extent(0); ++trial)
    append_spikes(spikes, taste, trial, unit, static_cast<double>(trial + 1));
  panel.spikes(spikes, spike_height(taste.counts.extent(0), raster_height_px), {colour, spike_width_px});
}

void add_rates(Panel& panel, std::span<const double> time_ms, const Array<float, 3>& rate_hz,
               std::size_t unit, Colour colour) {
  panel.lines(trial_curves(time_ms, rate_hz, unit),
              {.colour = colour, .width_px = trial_width_px, .opacity = trial_opacity(rate_hz.extent(0))});
  panel.lines(curve(time_ms, trial_mean(rate_hz, unit)), {.colour = colour, .width_px = mean_width_px});
}

}  // namespace

Picture unit_rates_picture(const RegionRates& rates, std::size_t unit) {
  check_shapes(rates);
  const PanelGrid grid{.columns = rates.tastes.size(),
                       .rows = 3,
                       .panel_width_px = column_width_px(rates.tastes.size()),
                       .panel_height_px = raster_height_px,
                       .left_px = 70.0,
                       .gap_x_px = 16.0,
                       .gap_y_px = 18.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, unit_place(rates, unit), rates.session,
             {{"trial", {{.colour = quiet_ink, .opacity = 0.5}}},
              {"mean", {{.colour = quiet_ink, .width_px = mean_width_px}}},
              {"stimulus", {stimulus_stroke}}});
  add_row_label(picture, grid, 0, raster_label(rates));
  add_row_label(picture, grid, 1, fmt::format("{:g} ms boxcar (Hz)", rates.boxcar_ms));
  add_row_label(picture, grid, 2, "inferred (Hz)");

  std::size_t most_trials = 0;
  for (const TasteRates& taste : rates.tastes) most_trials = std::max(most_trials, taste.counts.extent(0));
  const Axis trials = row_axis(most_trials), rate = common_rate_axis(rates, unit);
  for (std::size_t column = 0; column < grid.columns; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const Colour colour = taste_colour(taste.index);
    const std::size_t count = taste.counts.extent(0);
    const std::string size = fmt::format(", {} trial{}", count, count == 1 ? "" : "s");
    add_panel_title(picture, grid.frame(column),
                    elided(taste.taste, 13.0, grid.panel_width_px - text_width_px(size, 13.0)) + size,
                    colour);
    for (std::size_t row = 0; row < grid.rows; ++row) {
      const Rect frame = grid.frame(column, row);
      Axis values = row == 0 ? trials : rate;
      values.labels = column == 0;
      Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows), values);
      panel.vertical(0.0, stimulus_stroke);
      if (row == 0) add_raster(panel, taste, unit, colour);
      if (row == 1) add_rates(panel, taste.time_ms, taste.boxcar_rate_hz, unit, colour);
      if (row == 2) add_rates(panel, taste.rnn_time_ms, taste.rnn_rate_hz, unit, colour);
      picture.add(panel);
    }
  }
  return picture;
}

}  // namespace rnn_rates::plot
