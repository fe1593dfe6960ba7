#pragma once

#include <span>
#include <string>
#include <vector>

#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// Equal panels in rows and columns, with space around for titles and labels.
struct PanelGrid {
  std::size_t columns = 1;
  std::size_t rows = 1;
  double panel_width_px = 0.0;
  double panel_height_px = 0.0;
  double left_px = 62.0, right_px = 20.0, top_px = 88.0, bottom_px = 54.0;
  double gap_x_px = 42.0, gap_y_px = 34.0;

  /// Columns for `count` panels such that the grid is about `aspect` times as wide as high.
  void arrange(std::size_t count, double aspect);
  double width_px() const;
  double height_px() const;
  Rect frame(std::size_t column, std::size_t row) const;
  /// The frame of panel `index`, counted along the rows.
  Rect frame(std::size_t index) const { return frame(index % columns, index / columns); }
  Picture picture() const { return {width_px(), height_px()}; }
};

/// Title, subtitle and legend above the grid, the meaning of all x axes below it.
void add_titles(Picture& picture, const PanelGrid& grid, const std::string& title,
                const std::string& subtitle, const std::vector<LegendEntry>& legend,
                const std::string& x_label = "time from stimulus (ms)");
/// An upright label left of a row of panels.
void add_row_label(Picture& picture, const PanelGrid& grid, std::size_t row, const std::string& label);
/// What a panel shows, above its middle.
void add_panel_title(Picture& picture, const Rect& frame, const std::string& title, Colour colour = ink);
/// The same in small letters, above its left edge.
void add_panel_name(Picture& picture, const Rect& frame, const std::string& name, Colour colour = ink);
/// The scale of a panel's heat map, right of it.
void add_colour_bar(Picture& picture, const Rect& frame, const ColourScale& scale,
                    const std::string& unit = "");

/// The tastes' names with their colours.
std::vector<LegendEntry> taste_legend(const RegionRates& rates);

/// time_axis() of a panel, with as many ticks as it has room for.
Axis time_axis(const Rect& frame, std::span<const double> time_ms, double bin_ms, bool labels = true);
/// Axis of that many trials or the like from top to bottom, the first called `first`.
Axis row_axis(std::size_t rows, double first = 1.0);

inline constexpr double spike_width_px = 1.1;
/// Height of a raster's spikes in rows: a little space between rows, as long as they are not thinner than it.
double spike_height(std::size_t rows, double height_px);

/// Rows of values by time from the stimulus.
struct HeatMap {
  const Array<float, 2>& values;  ///< (row, bin), the first row on top
  double first_ms = 0.0;          ///< centre of its first bin
  double bin_ms = 0.0;
  double first_row = 1.0;  ///< what the first row is called
};

/// A heat map with a line that marks the stimulus; rows have ticks where they have labels.
Panel heat_panel(const Rect& frame, const Axis& time, const HeatMap& map, const ColourScale& scale,
                 bool row_labels);

}  // namespace rnn_rates::plot
