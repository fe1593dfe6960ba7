#include <fmt/format.h>

#include <algorithm>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/trial_statistics.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double band_opacity = 0.2, background_opacity = 0.09, mean_width_px = 2.2;

Panel raster(const RegionRates& rates, std::size_t unit, const Rect& frame) {
  std::size_t trials = 0;
  for (const TasteRates& taste : rates.tastes) trials += taste.trials();
  Panel panel(frame, time_axis(frame, rates.tastes.front().time_ms, rates.bin_ms, false), row_axis(trials));
  panel.vertical(0.0, stimulus_stroke);
  std::size_t row = 1;
  for (const TasteRates& taste : rates.tastes) {
    std::vector<float> spikes;
    const auto first = static_cast<double>(row);
    for (std::size_t trial = 0; trial < taste.trials(); ++trial, ++row)
      append_spikes(spikes, taste, trial, unit, static_cast<double>(row));
    const Colour colour = taste_colour(taste.index);
    panel.background(first - 0.5, static_cast<double>(row) - 0.5, colour, background_opacity);
    panel.spikes(spikes, spike_height(trials, frame.height), {colour, spike_width_px});
  }
  return panel;
}

/// Means over trials with their standard errors, a line and a band for each condition.
struct Curves {
  std::vector<std::vector<float>> means, bands;

  void add(std::span<const double> time_ms, const Array<float, 2>& trials_hz, Extent& extent) {
    const MeanAndError rate = mean_and_error(trials_hz);
    means.push_back(curve(time_ms, rate.mean));
    bands.push_back(error_band(time_ms, rate));
    for (std::size_t i = 0; i + 2 < bands.back().size(); i += 3)
      extent.include(std::span(bands.back()).subspan(i + 1, 2));
  }
};

}  // namespace

Picture psth_picture(const RegionRates& rates, const Paper& paper, std::size_t unit) {
  check_shapes(rates);
  Heading heading{unit_place(rates, unit),
                  place(rates) + "; " + psth_label(rates) + "; bands: standard error over trials",
                  taste_legend(rates)};
  heading.legend.push_back({"stimulus", {stimulus_stroke}});
  PanelGrid grid{.rows = 3, .panel_height_px = 150.0, .titles_px = 14.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  picture.add(raster(rates, unit, grid.frame(0)));
  Extent extent;
  Curves counted, inferred;
  for (const TasteRates& taste : rates.tastes) {
    counted.add(taste.time_ms, psth_hz(rates, taste, unit), extent);
    inferred.add(taste.rnn_time_ms, unit_values(taste.rnn_rate_hz, unit), extent);
  }
  const Axis rate = rate_axis(extent, 6);
  for (const std::size_t row : {std::size_t{1}, std::size_t{2}}) {
    const Rect frame = grid.frame(0, row);
    Panel panel(frame, time_axis(frame, rates.tastes.front().time_ms, rates.bin_ms, row == 2), rate);
    panel.vertical(0.0, stimulus_stroke);
    const Curves& curves = row == 1 ? counted : inferred;
    for (std::size_t taste = 0; taste < rates.tastes.size(); ++taste)
      panel.band(curves.bands[taste], taste_colour(rates.tastes[taste].index), band_opacity);
    for (std::size_t taste = 0; taste < rates.tastes.size(); ++taste)
      panel.lines(curves.means[taste], taste_stroke(rates.tastes[taste].index, mean_width_px));
    picture.add(panel);
  }
  add_row_label(picture, grid, 0, raster_label(rates));
  add_row_label(picture, grid, 1, "PSTH (Hz)");
  add_row_label(picture, grid, 2, "inferred, mean (Hz)");
  return picture;
}

}  // namespace rnn_rates::plot
