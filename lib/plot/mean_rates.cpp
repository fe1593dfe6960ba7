#include "plot/mean_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double left_px = 62.0, right_px = 20.0, bottom_px = 54.0, gap_x_px = 42.0, gap_y_px = 34.0;
constexpr double legend_row_px = 20.0;
constexpr Stroke rnn_stroke{ink, 2.0};
constexpr Stroke binned_stroke{ink, 1.0, 0.35};

struct Grid {
  std::size_t columns = 1;
  std::size_t rows = 1;
  double panel_width_px = 0.0;
  double panel_height_px = 0.0;

  double width_px() const { return left_px + across(columns, panel_width_px, gap_x_px) + right_px; }
  double height_px(double top_px) const {
    return top_px + across(rows, panel_height_px, gap_y_px) + bottom_px;
  }
  Rect frame(std::size_t unit, double top_px) const {
    const std::size_t rows_above = unit / columns;
    const auto column = static_cast<double>(unit % columns), row = static_cast<double>(rows_above);
    return {left_px + column * (panel_width_px + gap_x_px), top_px + row * (panel_height_px + gap_y_px),
            panel_width_px, panel_height_px};
  }

 private:
  static double across(std::size_t panels, double size_px, double gap_px) {
    return static_cast<double>(panels) * (size_px + gap_px) - gap_px;
  }
};

/// Smaller panels for more units, in a grid about three by two.
Grid grid_for(std::size_t units) {
  Grid grid;
  grid.panel_width_px = units == 1    ? 480.0
                        : units <= 4  ? 320.0
                        : units <= 12 ? 240.0
                        : units <= 30 ? 190.0
                                      : 150.0;
  grid.panel_height_px = grid.panel_width_px * (units == 1 ? 0.55 : 0.62);
  const double shape = 1.5 * (grid.panel_height_px + gap_y_px) / (grid.panel_width_px + gap_x_px);
  grid.columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(units) * shape)));
  grid.columns = std::clamp<std::size_t>(grid.columns, 1, units);
  grid.rows = (units + grid.columns - 1) / grid.columns;
  return grid;
}

Panel unit_panel(const RegionRates& rates, std::size_t unit, const Rect& frame, bool time_labels) {
  std::vector<std::vector<float>> binned, rnn;
  std::vector<float> noisy;
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    binned.push_back(trial_mean(taste.counts, unit, 1000.0 / rates.bin_ms));
    rnn.push_back(trial_mean(taste.rnn_rate_hz, unit));
    noisy.insert(noisy.end(), binned.back().begin(), binned.back().end());
    extent.include(rnn.back());
  }
  extent.include_most(noisy, 0.97);
  Axis time = time_axis(rates.tastes[0].time_ms, rates.bin_ms, static_cast<std::size_t>(frame.width / 36.0));
  time.labels = time_labels;
  Panel panel(frame, time, rate_axis(extent, 5));
  panel.vertical(0.0, stimulus_stroke);
  for (std::size_t taste = 0; taste < binned.size(); ++taste) {
    panel.lines(curve(rates.tastes[taste].time_ms, binned[taste]),
                {taste_colour(rates.tastes[taste].index), binned_stroke.width_px, binned_stroke.opacity});
  }
  for (std::size_t taste = 0; taste < rnn.size(); ++taste) {
    panel.lines(curve(rates.tastes[taste].rnn_time_ms, rnn[taste]),
                {taste_colour(rates.tastes[taste].index), rnn_stroke.width_px});
  }
  return panel;
}

/// Rows of entries that fit the width, aligned left.
std::vector<std::vector<LegendEntry>> legend_rows(const RegionRates& rates, double width_px) {
  std::vector<LegendEntry> entries;
  for (std::size_t taste = 0; taste < rates.tastes.size(); ++taste) {
    entries.push_back(
        {elided(rates.tastes[taste].taste, 12.0, 160.0), {{taste_colour(rates.tastes[taste].index), 3.0}}});
  }
  entries.push_back({"inferred", {rnn_stroke}});
  entries.push_back({"binned", {binned_stroke}});
  entries.push_back({"stimulus", {stimulus_stroke}});
  std::vector<std::vector<LegendEntry>> rows(1);
  for (const LegendEntry& entry : entries) {
    rows.back().push_back(entry);
    if (rows.back().size() > 1 && Picture::legend_width_px(rows.back()) > width_px) {
      rows.back().pop_back();
      rows.push_back({entry});
    }
  }
  return rows;
}

}  // namespace

Picture mean_rates_picture(const RegionRates& rates) {
  check_shapes(rates);
  const std::size_t units = rates.units.size();
  const Grid grid = grid_for(units);
  const double width_px = grid.width_px() - left_px - right_px;
  const auto legend = legend_rows(rates, width_px);
  const double top_px = 88.0 + legend_row_px * static_cast<double>(legend.size());

  Picture picture(grid.width_px(), grid.height_px(top_px));
  picture.text(left_px, 22.0, elided("Mean rates, region " + rates.region, 17.0, width_px),
               {.size_px = 17.0});
  picture.text(left_px, 44.0, elided(rates.session, 12.0, width_px), {.colour = quiet_ink});
  for (std::size_t row = 0; row < legend.size(); ++row) {
    picture.legend(left_px + Picture::legend_width_px(legend[row]),
                   68.0 + legend_row_px * static_cast<double>(row), legend[row]);
  }
  picture.text(left_px + width_px / 2.0, picture.height_px() - 14.0, "time from stimulus (ms)",
               {.align = Align::centre});
  picture.text(16.0, (top_px + picture.height_px() - bottom_px) / 2.0, "firing rate (Hz)",
               {.align = Align::centre, .upright = true});
  for (std::size_t unit = 0; unit < units; ++unit) {
    const Rect frame = grid.frame(unit, top_px);
    picture.text(frame.left + frame.width / 2.0, frame.top - 9.0,
                 elided(unit_title(rates, unit), 11.0, frame.width),
                 {.size_px = 11.0, .align = Align::centre});
    picture.add(unit_panel(rates, unit, frame, unit + grid.columns >= units));
  }
  return picture;
}

}  // namespace rnn_rates::plot
