#include "plot/layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double title_px = 17.0, label_px = 12.0, line_px = 18.0, legend_row_px = 20.0, edge_px = 14.0;

double across(std::size_t panels, double size_px, double gap_px) {
  return static_cast<double>(panels) * (size_px + gap_px) - gap_px;
}

/// Rows of entries that fit the width.
std::vector<std::vector<LegendEntry>> legend_rows(const std::vector<LegendEntry>& entries, double width_px) {
  std::vector<std::vector<LegendEntry>> rows;
  for (const LegendEntry& entry : entries) {
    if (rows.empty()) rows.emplace_back();
    rows.back().push_back(entry);
    if (rows.back().size() > 1 && Picture::legend_width_px(rows.back()) > width_px) {
      rows.back().pop_back();
      rows.push_back({entry});
    }
  }
  return rows;
}

/// Where the parts of a heading lie, from top to bottom.
struct HeadingLines {
  std::vector<std::string> title, subtitle;
  std::vector<std::vector<LegendEntry>> legend;

  HeadingLines(const Paper& paper, const Heading& heading, double width_px)
      : legend(legend_rows(heading.legend, width_px)) {
    if (!paper.titled) return;
    title = wrapped(heading.title, title_px, width_px);
    subtitle = wrapped(heading.subtitle, label_px, width_px);
  }
  double height_px() const {
    return edge_px + 24.0 * static_cast<double>(title.size()) +
           line_px * static_cast<double>(subtitle.size()) +
           legend_row_px * static_cast<double>(legend.size());
  }
};

double inner_width_px(const PanelGrid& grid, const Paper& paper) {
  return paper.width_px() - grid.left_px - grid.right_px;
}

}  // namespace

std::size_t PanelGrid::columns_that_fit(const Paper& paper, double least_px, std::size_t most) const {
  const double fitting = (inner_width_px(*this, paper) + gap_x_px) / (least_px + gap_x_px);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::max(fitting, 1.0)), 1,
                                 std::max<std::size_t>(most, 1));
}

std::size_t PanelGrid::rows_that_fit(const Paper& paper, const Heading& heading) const {
  const double above = HeadingLines(paper, heading, inner_width_px(*this, paper)).height_px() + titles_px;
  const double fitting = (paper.height_px() - above - bottom_px + gap_y_px) / (panel_height_px + gap_y_px);
  return static_cast<std::size_t>(std::max(fitting, 1.0));
}

void PanelGrid::fit(const Paper& paper, const Heading& heading) {
  const double width_px = inner_width_px(*this, paper);
  panel_width_px = (width_px + gap_x_px) / static_cast<double>(columns) - gap_x_px;
  top_px = HeadingLines(paper, heading, width_px).height_px() + titles_px;
}

double PanelGrid::height_px() const { return top_px + across(rows, panel_height_px, gap_y_px) + bottom_px; }

Rect PanelGrid::frame(std::size_t column, std::size_t row) const {
  return {left_px + static_cast<double>(column) * (panel_width_px + gap_x_px),
          top_px + static_cast<double>(row) * (panel_height_px + gap_y_px), panel_width_px, panel_height_px};
}

Picture PanelGrid::picture(const Paper& paper, const Heading& heading) const {
  Picture picture(paper, height_px());
  picture.set_title(heading.title + ", " + heading.subtitle);
  const double width_px = inner_width_px(*this, paper);
  const HeadingLines lines(paper, heading, width_px);
  double y = edge_px;
  for (const std::string& line : lines.title) {
    picture.text(left_px, y + 8.0, line, {.size_px = title_px});
    y += 24.0;
  }
  for (const std::string& line : lines.subtitle) {
    picture.text(left_px, y + line_px / 2.0, line, {.colour = quiet_ink});
    y += line_px;
  }
  for (const auto& row : lines.legend) {
    picture.legend(left_px + Picture::legend_width_px(row), y + legend_row_px / 2.0, row);
    y += legend_row_px;
  }
  picture.text(left_px + width_px / 2.0, picture.height_px() - 12.0, heading.x_label,
               {.align = Align::centre});
  return picture;
}

void add_row_label(Picture& picture, const PanelGrid& grid, std::size_t row, const std::string& label) {
  const Rect frame = grid.frame(0, row);
  picture.text(14.0, frame.top + frame.height / 2.0, elided(label, label_px, frame.height + grid.gap_y_px),
               {.align = Align::centre, .upright = true});
}

void add_panel_title(Picture& picture, const Rect& frame, const std::string& title) {
  picture.text(frame.left + frame.width / 2.0, frame.top - 10.0, elided(title, label_px, frame.width),
               {.align = Align::centre});
}

void add_panel_name(Picture& picture, const Rect& frame, const std::string& name) {
  picture.text(frame.left, frame.top - 8.0, elided(name, 11.0, frame.width), {.size_px = 11.0});
}

void add_condition_title(Picture& picture, const Rect& frame, const TasteRates& taste,
                         const std::string& more) {
  const std::string name = elided(taste.taste, label_px, frame.width - text_width_px(more, label_px)) + more;
  picture.text(frame.left + frame.width / 2.0, frame.top - 14.0, name, {.align = Align::centre});
  picture.line(frame.left, frame.top - 4.0, frame.right(), frame.top - 4.0, {taste_colour(taste.index), 3.0});
}

void add_colour_bar(Picture& picture, const Rect& frame, const ColourScale& scale, const std::string& unit) {
  // Lower where the unit stands above it.
  const double top = unit.empty() ? frame.top : frame.top + 20.0;
  picture.colour_bar({frame.right() + 14.0, top, 12.0, frame.bottom() - top}, scale, unit);
}

std::vector<LegendEntry> taste_legend(const RegionRates& rates, double width_px) {
  std::vector<LegendEntry> entries;
  for (const TasteRates& taste : rates.tastes)
    entries.push_back({elided(taste.taste, label_px, 130.0), {taste_stroke(taste.index, width_px)}});
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
  constexpr double thin_px = 3.0, least_px = 0.7;
  const double row_px = height_px / static_cast<double>(std::max<std::size_t>(rows, 1));
  return row_px < thin_px ? std::max(1.0, least_px / row_px) : 0.8;
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
