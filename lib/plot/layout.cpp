#include "plot/layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

double across(std::size_t panels, double size_px, double gap_px) {
  return static_cast<double>(panels) * (size_px + gap_px) - gap_px;
}

}  // namespace

void PanelGrid::arrange(std::size_t count, double aspect) {
  const double shape = aspect * (panel_height_px + gap_y_px) / (panel_width_px + gap_x_px);
  columns = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count) * shape)));
  columns = std::clamp<std::size_t>(columns, 1, std::max<std::size_t>(count, 1));
  rows = std::max<std::size_t>((count + columns - 1) / columns, 1);
}

double PanelGrid::width_px() const { return left_px + across(columns, panel_width_px, gap_x_px) + right_px; }

double PanelGrid::height_px() const { return top_px + across(rows, panel_height_px, gap_y_px) + bottom_px; }

Rect PanelGrid::frame(std::size_t column, std::size_t row) const {
  return {left_px + static_cast<double>(column) * (panel_width_px + gap_x_px),
          top_px + static_cast<double>(row) * (panel_height_px + gap_y_px), panel_width_px, panel_height_px};
}

void add_titles(Picture& picture, const PanelGrid& grid, const std::string& title,
                const std::string& subtitle, const std::vector<LegendEntry>& legend,
                const std::string& x_label) {
  const double right = picture.width_px() - grid.right_px, width_px = right - grid.left_px;
  const double legend_px = Picture::legend_width_px(legend);
  // A legend too wide to stand beside the subtitle gets the line below.
  const bool below = legend_px > width_px - text_width_px(subtitle, 12.0) - 24.0;
  const double title_px = std::clamp(17.0 * width_px / text_width_px(title, 17.0), 11.0, 17.0);
  picture.text(grid.left_px, 22.0, elided(title, title_px, width_px), {.size_px = title_px});
  picture.text(grid.left_px, 44.0, elided(subtitle, 12.0, below ? width_px : width_px - legend_px - 24.0),
               {.colour = quiet_ink});
  picture.legend(below ? grid.left_px + legend_px : right, below ? 64.0 : 44.0, legend);
  picture.text((grid.left_px + right) / 2.0, picture.height_px() - 14.0, x_label, {.align = Align::centre});
}

void add_row_label(Picture& picture, const PanelGrid& grid, std::size_t row, const std::string& label) {
  const Rect frame = grid.frame(0, row);
  picture.text(16.0, frame.top + frame.height / 2.0, elided(label, 12.0, frame.height + grid.gap_y_px),
               {.align = Align::centre, .upright = true});
}

void add_panel_title(Picture& picture, const Rect& frame, const std::string& title, Colour colour) {
  picture.text(frame.left + frame.width / 2.0, frame.top - 12.0, elided(title, 13.0, frame.width),
               {.size_px = 13.0, .colour = colour, .align = Align::centre});
}

void add_panel_name(Picture& picture, const Rect& frame, const std::string& name, Colour colour) {
  picture.text(frame.left, frame.top - 10.0, elided(name, 11.0, frame.width),
               {.size_px = 11.0, .colour = colour});
}

void add_colour_bar(Picture& picture, const Rect& frame, const ColourScale& scale, const std::string& unit) {
  // Lower where the unit stands above it.
  const double top = unit.empty() ? frame.top : frame.top + 14.0;
  picture.colour_bar({frame.right() + 16.0, top, 12.0, frame.bottom() - top}, scale, unit);
}

std::vector<LegendEntry> taste_legend(const RegionRates& rates) {
  std::vector<LegendEntry> entries;
  for (const TasteRates& taste : rates.tastes) {
    entries.push_back({elided(taste.taste, 12.0, 130.0), {{taste_colour(taste.index), 4.0}}});
  }
  return entries;
}

Axis time_axis(const Rect& frame, std::span<const double> time_ms, double bin_ms, bool labels) {
  constexpr double label_px = 40.0;
  Axis axis = time_axis(time_ms, bin_ms, static_cast<std::size_t>(frame.width / label_px));
  axis.labels = labels;
  return axis;
}

Axis row_axis(std::size_t rows, double first) {
  const double last = first + static_cast<double>(std::max<std::size_t>(rows, 1)) - 1.0;
  return {last + 0.5, first - 0.5, round_ticks(first, last, 5)};
}

double spike_height(std::size_t rows, double height_px) {
  constexpr double thin_px = 3.0;
  return height_px < thin_px * static_cast<double>(rows) ? 1.0 : 0.8;
}

Panel heat_panel(const Rect& frame, const Axis& time, const HeatMap& map, const ColourScale& scale,
                 bool row_labels) {
  Axis rows = row_axis(map.values.extent(0), map.first_row);
  if (!row_labels) rows.ticks.clear();
  Panel panel(frame, time, rows);
  panel.heat_map(map.values, map.first_ms, map.bin_ms, map.first_row, 1.0, scale);
  // Panel::vertical() would lie behind the map.
  panel.lines(std::array{0.0F, static_cast<float>(rows.last), 0.0F, static_cast<float>(rows.first)},
              stimulus_stroke);
  return panel;
}

}  // namespace rnn_rates::plot
