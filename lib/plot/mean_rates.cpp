#include <algorithm>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double legend_row_px = 20.0;
constexpr Stroke rnn_stroke{ink, 2.0};
constexpr Stroke binned_stroke{ink, 1.0, 0.35};

/// Smaller panels for more units, in a grid about three by two.
PanelGrid grid_for(std::size_t units) {
  const double width_px = units == 1    ? 480.0
                          : units <= 4  ? 320.0
                          : units <= 12 ? 240.0
                          : units <= 30 ? 190.0
                                        : 150.0;
  PanelGrid grid{.panel_width_px = width_px, .panel_height_px = width_px * (units == 1 ? 0.55 : 0.62)};
  grid.arrange(units, 1.5);
  return grid;
}

Panel unit_panel(const RegionRates& rates, std::size_t unit, const Rect& frame, bool time_labels) {
  std::vector<std::vector<float>> binned, rnn;
  std::vector<float> noisy;
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    binned.push_back(trial_mean(binned_rate_hz(rates, taste, unit)));
    rnn.push_back(trial_mean(taste.rnn_rate_hz, unit));
    noisy.insert(noisy.end(), binned.back().begin(), binned.back().end());
    extent.include(rnn.back());
  }
  extent.include_most(noisy, 0.97);
  Panel panel(frame, time_axis(frame, rates.tastes[0].time_ms, rates.bin_ms, time_labels),
              rate_axis(extent, 5));
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
  std::vector<LegendEntry> entries = taste_legend(rates);
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
  PanelGrid grid = grid_for(units);
  const auto legend = legend_rows(rates, grid.width_px() - grid.left_px - grid.right_px);
  grid.top_px += legend_row_px * static_cast<double>(legend.size());
  Picture picture = grid.picture();
  add_titles(picture, grid, "Mean rates, region " + rates.region, rates.session, {});
  for (std::size_t row = 0; row < legend.size(); ++row) {
    picture.legend(grid.left_px + Picture::legend_width_px(legend[row]),
                   68.0 + legend_row_px * static_cast<double>(row), legend[row]);
  }
  picture.text(16.0, (grid.top_px + picture.height_px() - grid.bottom_px) / 2.0, "firing rate (Hz)",
               {.align = Align::centre, .upright = true});
  for (std::size_t unit = 0; unit < units; ++unit) {
    const Rect frame = grid.frame(unit);
    add_panel_title(picture, frame, unit_title(rates, unit));
    picture.add(unit_panel(rates, unit, frame, unit + grid.columns >= units));
  }
  return picture;
}

}  // namespace rnn_rates::plot
