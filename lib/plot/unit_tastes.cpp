#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double band_opacity = 0.18, background_opacity = 0.09;

Panel raster(const RegionRates& rates, std::size_t unit, const Rect& frame) {
  std::size_t trials = 0;
  for (const TasteRates& taste : rates.tastes) trials += taste.counts.extent(0);
  Panel panel(frame, time_axis(frame, rates.tastes.front().time_ms, rates.bin_ms, false), row_axis(trials));
  panel.vertical(0.0, stimulus_stroke);
  std::size_t row = 1;
  for (const TasteRates& taste : rates.tastes) {
    std::vector<float> spikes;
    const auto first = static_cast<double>(row);
    for (std::size_t trial = 0; trial < taste.counts.extent(0); ++trial, ++row)
      append_spikes(spikes, taste, trial, unit, static_cast<double>(row));
    const Colour colour = taste_colour(taste.index);
    panel.background(first - 0.5, static_cast<double>(row) - 0.5, colour, background_opacity);
    panel.spikes(spikes, spike_height(trials, frame.height), {colour, spike_width_px});
  }
  return panel;
}

struct Curve {
  std::vector<float> middle;
  std::vector<float> band;  ///< x, low, high
};

Curve curve_of(std::span<const double> time_ms, const Array<float, 3>& rate_hz, std::size_t unit,
               Extent& extent) {
  const MeanAndDeviation rate = mean_and_deviation(rate_hz, unit);
  Curve result{curve(time_ms, rate.mean), {}};
  for (std::size_t bin = 0; bin < rate.mean.size(); ++bin) {
    const float low = rate.mean[bin] - rate.deviation[bin], high = rate.mean[bin] + rate.deviation[bin];
    result.band.insert(result.band.end(), {static_cast<float>(time_ms[bin]), low, high});
    extent.include(static_cast<double>(high));
    extent.include(static_cast<double>(rate.mean[bin]));
  }
  return result;
}

/// Bands end at the panel's lower edge.
void clip(std::vector<float>& band, double low) {
  for (std::size_t i = 1; i < band.size(); i += 3) band[i] = std::max(band[i], static_cast<float>(low));
}

}  // namespace

MeanAndDeviation mean_and_deviation(const Array<float, 3>& rate_hz, std::size_t unit) {
  MeanAndDeviation result{trial_mean(rate_hz, unit), {}};
  for (std::size_t bin = 0; bin < result.mean.size(); ++bin) {
    double squares = 0.0, known = 0.0;
    for (std::size_t trial = 0; trial < rate_hz.extent(0); ++trial) {
      const double difference =
          static_cast<double>(rate_hz(trial, unit, bin)) - static_cast<double>(result.mean[bin]);
      if (!std::isfinite(difference)) continue;
      squares += difference * difference;
      known += 1.0;
    }
    result.deviation.push_back(known > 1.0 ? static_cast<float>(std::sqrt(squares / (known - 1.0))) : 0.0F);
  }
  return result;
}

Picture unit_tastes_picture(const RegionRates& rates, std::size_t unit) {
  check_shapes(rates);
  const PanelGrid grid{.rows = 3, .panel_width_px = 760.0, .panel_height_px = 170.0, .gap_y_px = 18.0};
  Picture picture = grid.picture();
  std::vector<LegendEntry> legend = taste_legend(rates);
  legend.push_back({"stimulus", {stimulus_stroke}});
  add_titles(picture, grid, unit_place(rates, unit), rates.session, legend);
  picture.add(raster(rates, unit, grid.frame(0)));
  Extent extent;
  std::vector<Curve> boxcar, rnn;
  for (const TasteRates& taste : rates.tastes) {
    boxcar.push_back(curve_of(taste.time_ms, taste.boxcar_rate_hz, unit, extent));
    rnn.push_back(curve_of(taste.rnn_time_ms, taste.rnn_rate_hz, unit, extent));
  }
  const Axis rate = rate_axis(extent, 6);
  for (const std::size_t row : {std::size_t{1}, std::size_t{2}}) {
    const Rect frame = grid.frame(0, row);
    Panel panel(frame, time_axis(frame, rates.tastes.front().time_ms, rates.bin_ms, row == 2), rate);
    panel.vertical(0.0, stimulus_stroke);
    std::vector<Curve>& curves = row == 1 ? boxcar : rnn;
    for (std::size_t taste = 0; taste < curves.size(); ++taste) {
      clip(curves[taste].band, rate.first);
      panel.band(curves[taste].band, taste_colour(rates.tastes[taste].index), band_opacity);
    }
    for (std::size_t taste = 0; taste < curves.size(); ++taste) {
      panel.lines(curves[taste].middle, {taste_colour(rates.tastes[taste].index), 2.4});
    }
    picture.add(panel);
  }
  add_row_label(picture, grid, 0, raster_label(rates));
  add_row_label(picture, grid, 1, fmt::format("{:g} ms boxcar ± sd (Hz)", rates.boxcar_ms));
  add_row_label(picture, grid, 2, "inferred ± sd (Hz)");
  return picture;
}

}  // namespace rnn_rates::plot
