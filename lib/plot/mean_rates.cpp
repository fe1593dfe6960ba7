#include <algorithm>
#include <cmath>

#include "plot/layout.hpp"
#include "plot/region_figures.hpp"
#include "plot/trial_statistics.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double rnn_width_px = 1.8, band_opacity = 0.28;

Heading heading_of(const RegionRates& rates) {
  Heading heading{"Mean rates, region " + rates.region,
                  place(rates) + "; " + psth_label(rates) + ", as a band of one standard error",
                  taste_legend(rates)};
  heading.legend.push_back({"inferred", {{ink, rnn_width_px}}});
  heading.legend.push_back({"PSTH ± standard error", {{ink, 8.0, band_opacity}}});
  heading.legend.push_back({"stimulus", {stimulus_stroke}});
  return heading;
}

/// Of a full page.
PanelGrid grid_for(const RegionRates& rates, const Paper& paper, const Heading& heading) {
  const std::size_t units = rates.units.size();
  PanelGrid grid{.gap_x_px = 34.0, .gap_y_px = 32.0};
  const auto wide = static_cast<std::size_t>(std::ceil(std::sqrt(1.2 * static_cast<double>(units))));
  grid.columns = grid.columns_that_fit(paper, 118.0, wide);
  grid.fit(paper, heading);
  grid.panel_height_px = std::min(0.62 * grid.panel_width_px, 240.0);
  grid.rows = std::min(grid.rows_that_fit(paper, heading), (units + grid.columns - 1) / grid.columns);
  return grid;
}

Panel unit_panel(const RegionRates& rates, std::size_t unit, const Rect& frame, bool time_labels) {
  std::vector<std::vector<float>> bands, means;
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    bands.push_back(error_band(taste.time_ms, mean_and_error(psth_hz(rates, taste, unit))));
    for (std::size_t i = 0; i + 2 < bands.back().size(); i += 3)
      extent.include(std::span(bands.back()).subspan(i + 1, 2));
    const std::vector<float> mean = trial_mean(taste.rnn_rate_hz, unit);
    extent.include(mean);
    means.push_back(curve(taste.rnn_time_ms, mean));
  }
  Panel panel(frame, time_axis(frame, rates.tastes[0].time_ms, rates.bin_ms, time_labels),
              rate_axis(extent, 4));
  panel.vertical(0.0, stimulus_stroke);
  for (std::size_t taste = 0; taste < bands.size(); ++taste)
    panel.band(bands[taste], taste_colour(rates.tastes[taste].index), band_opacity);
  for (std::size_t taste = 0; taste < means.size(); ++taste)
    panel.lines(means[taste], taste_stroke(rates.tastes[taste].index, rnn_width_px));
  return panel;
}

}  // namespace

std::size_t mean_rates_pages(const RegionRates& rates, const Paper& paper) {
  const PanelGrid grid = grid_for(rates, paper, heading_of(rates));
  return (rates.units.size() + grid.columns * grid.rows - 1) / (grid.columns * grid.rows);
}

Picture mean_rates_picture(const RegionRates& rates, const Paper& paper, std::size_t page) {
  check_shapes(rates);
  const Heading heading = heading_of(rates);
  const PanelGrid grid = grid_for(rates, paper, heading);
  Picture picture = grid.picture(paper, heading);
  picture.text(14.0, (grid.top_px + picture.height_px() - grid.bottom_px) / 2.0, "firing rate (Hz)",
               {.align = Align::centre, .upright = true});
  const std::size_t a_page = grid.columns * grid.rows, first = page * a_page;
  const std::size_t units = std::min(rates.units.size() - first, a_page);
  for (std::size_t panel = 0; panel < units; ++panel) {
    const Rect frame = grid.frame(panel);
    add_panel_title(picture, frame, unit_title(rates, first + panel));
    picture.add(unit_panel(rates, first + panel, frame, panel + grid.columns >= units));
  }
  return picture;
}

}  // namespace rnn_rates::plot
