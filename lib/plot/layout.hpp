#pragma once

#include <span>
#include <string>
#include <vector>

#include "plot/paper.hpp"
#include "plot/picture.hpp"
#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// What stands above and below a figure's panels.
struct Heading {
  std::string title;
  std::string subtitle;  ///< what the session is, and notes
  std::vector<LegendEntry> legend;
  std::string x_label = "time from stimulus (ms)";  ///< of all x axes
};

/// Equal panels in rows and columns, with space around for titles and labels.
struct PanelGrid {
  std::size_t columns = 1;
  std::size_t rows = 1;
  double panel_width_px = 0.0;  ///< fit() finds it
  double panel_height_px = 0.0;
  double left_px = 62.0, right_px = 18.0, bottom_px = 46.0;
  double titles_px = 26.0;  ///< between the heading and the first row of panels
  double gap_x_px = 16.0, gap_y_px = 18.0;
  double top_px = 0.0;  ///< fit() finds it

  /// How many columns of panels of at least `least_px` fit the paper, at least 1, at most `most`.
  std::size_t columns_that_fit(const Paper& paper, double least_px, std::size_t most) const;
  /// How many rows fit a page, at least 1.
  std::size_t rows_that_fit(const Paper& paper, const Heading& heading) const;
  /// Columns fill the paper's width; the heading gets the room that it takes.
  void fit(const Paper& paper, const Heading& heading);
  double height_px() const;
  Rect frame(std::size_t column, std::size_t row) const;
  /// The frame of panel `index`, counted along the rows.
  Rect frame(std::size_t index) const { return frame(index % columns, index / columns); }
  /// With the heading; a title also becomes the picture's own.
  Picture picture(const Paper& paper, const Heading& heading) const;
};

/// An upright label left of a row of panels.
void add_row_label(Picture& picture, const PanelGrid& grid, std::size_t row, const std::string& label);
/// What a panel shows, above its middle.
void add_panel_title(Picture& picture, const Rect& frame, const std::string& title);
/// The same above its left edge, in small letters.
void add_panel_name(Picture& picture, const Rect& frame, const std::string& name);
/// The same of a condition, with a line in its colour below, since letters in some would be hard to read.
void add_condition_title(Picture& picture, const Rect& frame, const TasteRates& taste,
                         const std::string& more = "");
/// The scale of a panel's heat map, right of it.
void add_colour_bar(Picture& picture, const Rect& frame, const ColourScale& scale,
                    const std::string& unit = "");

/// The tastes' names with their lines.
std::vector<LegendEntry> taste_legend(const RegionRates& rates, double width_px = 2.4);

/// time_axis() of a panel, with as many ticks as it has room for.
Axis time_axis(const Rect& frame, std::span<const double> time_ms, double bin_ms, bool labels = true);
/// Axis of that many trials or the like from top to bottom, the first called `first`.
Axis row_axis(std::size_t rows, double first = 1.0);

inline constexpr double spike_width_px = 0.8;
/// Height of a raster's spikes in rows: a little space between rows, as long as they are not thinner than it;
/// more than a row where less would not be seen.
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
