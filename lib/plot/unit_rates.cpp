#include <fmt/format.h>

#include <algorithm>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/text.hpp"
#include "plot/trial_statistics.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double trial_width_px = 1.0, mean_width_px = 2.2;
constexpr std::size_t rows = 3;

/// Trials fade as they grow in number.
double trial_opacity(std::size_t trials) {
  return std::clamp(4.0 / static_cast<double>(std::max<std::size_t>(trials, 1)), 0.15, 0.5);
}

/// Holds all that is drawn.
Axis common_rate_axis(const RegionRates& rates, std::size_t unit) {
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.rnn_rate_hz}) {
      extent.include(trial_mean(*rate_hz, unit));
      if (taste.trials() > most_trial_lines) {
        std::vector<float> band =
            percentile_band(std::span(taste.time_ms).first(rate_hz->extent(2)), *rate_hz, unit, 0.9);
        for (std::size_t i = 0; i < band.size(); i += 3) band[i] = 0.0F;  // times
        extent.include(band);
        continue;
      }
      for (std::size_t trial = 0; trial < taste.trials(); ++trial)
        extent.include(trial_values(*rate_hz, trial, unit));
    }
  }
  return rate_axis(extent, 5);
}

void add_raster(Panel& panel, const TasteRates& taste, std::size_t unit, double height_px,
                std::size_t most_trials) {
  std::vector<float> spikes;
  for (std::size_t trial = 0; trial < taste.trials(); ++trial)
    append_spikes(spikes, taste, trial, unit, static_cast<double>(trial + 1));
  panel.spikes(spikes, spike_height(most_trials, height_px), {taste_colour(taste.index), spike_width_px});
}

/// Single trials, or where they are many how they are distributed, and their mean.
void add_rates(Panel& panel, std::span<const double> time_ms, const Array<float, 3>& rate_hz,
               std::size_t unit, Colour colour) {
  if (rate_hz.extent(0) > most_trial_lines) {
    for (const double share : {0.9, 0.5})
      panel.band(percentile_band(time_ms, rate_hz, unit, share), colour, 0.2);
  } else {
    panel.lines(trial_curves(time_ms, rate_hz, unit),
                {.colour = colour, .width_px = trial_width_px, .opacity = trial_opacity(rate_hz.extent(0))});
  }
  const std::vector<float> mean = curve(time_ms, trial_mean(rate_hz, unit));
  panel.lines(mean, {.colour = 0xFFFFFF, .width_px = mean_width_px + 2.4});  // Or it would be lost in them.
  panel.lines(mean, {.colour = colour, .width_px = mean_width_px});
}

/// One condition: raster, boxcar and inferred rates.
struct Column {
  const RegionRates& rates;
  std::size_t unit;
  const TasteRates& taste;
  const Axis &trials, &rate;
  bool first;
};

void add_column(Picture& picture, const PanelGrid& grid, std::size_t column, const Column& of) {
  const TasteRates& taste = of.taste;
  add_condition_title(picture, grid.frame(column), taste, fmt::format(", n = {}", taste.trials()));
  for (std::size_t row = 0; row < rows; ++row) {
    const Rect frame = grid.frame(column, row);
    Axis values = row == 0 ? of.trials : of.rate;
    values.labels = of.first;
    Panel panel(frame, time_axis(frame, taste.time_ms, of.rates.bin_ms, row + 1 == rows), values);
    panel.vertical(0.0, stimulus_stroke);
    const Colour colour = taste_colour(taste.index);
    if (row == 0) add_raster(panel, taste, of.unit, frame.height, static_cast<std::size_t>(of.trials.first));
    if (row == 1) add_rates(panel, taste.time_ms, taste.boxcar_rate_hz, of.unit, colour);
    if (row == 2) add_rates(panel, taste.rnn_time_ms, taste.rnn_rate_hz, of.unit, colour);
    picture.add(panel);
  }
}

}  // namespace

Picture unit_rates_picture(const RegionRates& rates, const Paper& paper, std::size_t unit) {
  check_shapes(rates);
  const bool bands = !bands_note(rates).empty();
  const Heading heading{
      unit_place(rates, unit),
      place(rates) + bands_note(rates),
      {{bands ? "trials" : "trial", {{.colour = quiet_ink, .width_px = bands ? 8.0 : 1.0, .opacity = 0.4}}},
       {"mean", {{.colour = quiet_ink, .width_px = mean_width_px}}},
       {"stimulus", {stimulus_stroke}}}};
  PanelGrid grid{.rows = rows, .panel_height_px = 120.0};
  const double between_px = 36.0;  // of blocks: times and names of conditions
  const std::size_t conditions = rates.tastes.size();
  const double row_px = grid.panel_height_px + grid.gap_y_px,
               room_px = static_cast<double>(grid.rows_that_fit(paper, heading)) * row_px;
  const auto most_blocks = std::max<std::size_t>(
      static_cast<std::size_t>((room_px + between_px) / (rows * row_px + between_px)), 1);
  grid.columns =
      std::max(grid.columns_that_fit(paper, 160.0, conditions), (conditions + most_blocks - 1) / most_blocks);
  grid.fit(paper, heading);
  const std::size_t blocks = (conditions + grid.columns - 1) / grid.columns;
  PanelGrid whole = grid;
  whole.rows = rows * blocks;
  whole.bottom_px += between_px * static_cast<double>(blocks - 1);
  Picture picture = whole.picture(paper, heading);
  std::size_t most_trials = 0;
  for (const TasteRates& taste : rates.tastes) most_trials = std::max(most_trials, taste.trials());
  const Axis trials = row_axis(most_trials), rate = common_rate_axis(rates, unit);
  for (std::size_t i = 0; i < rates.tastes.size(); ++i) {
    const std::size_t column = i % grid.columns;
    if (i > 0 && column == 0) grid.top_px += rows * (grid.panel_height_px + grid.gap_y_px) + between_px;
    if (column == 0) {
      add_row_label(picture, grid, 0, raster_label(rates));
      add_row_label(picture, grid, 1, fmt::format("{:g} ms boxcar (Hz)", rates.boxcar_ms));
      add_row_label(picture, grid, 2, "inferred (Hz)");
    }
    add_column(picture, grid, column, {rates, unit, rates.tastes[i], trials, rate, column == 0});
  }
  return picture;
}

}  // namespace rnn_rates::plot
