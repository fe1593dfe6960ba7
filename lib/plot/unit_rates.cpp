#include "plot/unit_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double left_px = 70.0, right_px = 20.0, top_px = 88.0, bottom_px = 54.0;
constexpr double column_gap_px = 16.0, row_gap_px = 18.0, row_height_px = 150.0;
constexpr double trial_width_px = 1.0, mean_width_px = 2.4;

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
  std::vector<float> single, several;
  for (std::size_t trial = 0; trial < taste.counts.extent(0); ++trial) {
    for (std::size_t bin = 0; bin < taste.time_ms.size(); ++bin) {
      const unsigned count = taste.counts(trial, unit, bin);
      if (count == 0) continue;
      std::vector<float>& points = count == 1 ? single : several;
      points.push_back(static_cast<float>(taste.time_ms[bin]));
      points.push_back(static_cast<float>(trial + 1));
    }
  }
  panel.spikes(single, 0.8, {.colour = colour, .width_px = 1.3});
  panel.spikes(several, 0.8, {.colour = mixed(colour, 0x000000, 0.4), .width_px = 2.2});
}

void add_rates(Panel& panel, std::span<const double> time_ms, const Array<float, 3>& rate_hz,
               std::size_t unit, Colour colour) {
  panel.lines(trial_curves(time_ms, rate_hz, unit),
              {.colour = colour, .width_px = trial_width_px, .opacity = trial_opacity(rate_hz.extent(0))});
  panel.lines(curve(time_ms, trial_mean(rate_hz, unit)), {.colour = colour, .width_px = mean_width_px});
}

Axis trial_axis(const RegionRates& rates) {
  std::size_t most = 1;
  for (const TasteRates& taste : rates.tastes) most = std::max(most, taste.counts.extent(0));
  Axis axis;
  axis.first = static_cast<double>(most) + 0.5;
  axis.last = 0.5;
  axis.ticks = round_ticks(1.0, static_cast<double>(most), 5);
  return axis;
}

void add_title(Picture& picture, const RegionRates& rates, std::size_t unit) {
  const double right = picture.width_px() - right_px, width = right - left_px;
  const std::vector<LegendEntry> entries{{"trial", {{.colour = quiet_ink, .opacity = 0.5}}},
                                         {"mean", {{.colour = quiet_ink, .width_px = mean_width_px}}},
                                         {"stimulus", {stimulus_stroke}}};
  const std::string title = fmt::format("{}, region {}", rates.units[unit], region_of_unit(rates, unit));
  picture.text(left_px, 22.0, elided(title, 17.0, width), {.size_px = 17.0});
  picture.text(left_px, 44.0, elided(rates.session, 12.0, width - Picture::legend_width_px(entries) - 24.0),
               {.colour = quiet_ink});
  picture.legend(right, 44.0, entries);
}

void add_axis_labels(Picture& picture, const RegionRates& rates) {
  const std::array<std::string, 3> labels{"trial", fmt::format("{:g} ms boxcar (Hz)", rates.boxcar_ms),
                                          "inferred (Hz)"};
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const double top = top_px + static_cast<double>(row) * (row_height_px + row_gap_px);
    picture.text(18.0, top + row_height_px / 2.0, labels[row], {.align = Align::centre, .upright = true});
  }
  const double middle = (left_px + picture.width_px() - right_px) / 2.0;
  picture.text(middle, picture.height_px() - 14.0, "time from stimulus (ms)", {.align = Align::centre});
}

}  // namespace

Picture unit_rates_picture(const RegionRates& rates, std::size_t unit) {
  check_shapes(rates);
  const std::size_t tastes = rates.tastes.size();
  const double column_px = column_width_px(tastes);
  const double width_px =
      left_px + static_cast<double>(tastes) * (column_px + column_gap_px) - column_gap_px + right_px;
  Picture picture(width_px, top_px + 3.0 * row_height_px + 2.0 * row_gap_px + bottom_px);
  add_title(picture, rates, unit);
  add_axis_labels(picture, rates);

  const Axis trials = trial_axis(rates), rate = common_rate_axis(rates, unit);
  for (std::size_t column = 0; column < tastes; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const Colour colour = taste_colour(taste.index);
    const double left = left_px + static_cast<double>(column) * (column_px + column_gap_px);
    const std::size_t trial_count = taste.counts.extent(0);
    const std::string size = fmt::format(", {} trial{}", trial_count, trial_count == 1 ? "" : "s");
    picture.text(left + column_px / 2.0, top_px - 13.0,
                 elided(taste.taste, 13.0, column_px - text_width_px(size, 13.0)) + size,
                 {.size_px = 13.0, .colour = colour, .align = Align::centre});
    for (std::size_t row = 0; row < 3; ++row) {
      const double top = top_px + static_cast<double>(row) * (row_height_px + row_gap_px);
      Axis time = time_axis(taste.time_ms, rates.bin_ms, static_cast<std::size_t>(column_px / 38.0));
      Axis values = row == 0 ? trials : rate;
      time.labels = row == 2;
      values.labels = column == 0;
      Panel panel({left, top, column_px, row_height_px}, time, values);
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
