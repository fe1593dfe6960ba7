#pragma once

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

/// The tastes' names with their colours.
std::vector<LegendEntry> taste_legend(const RegionRates& rates);

/// Trials of all tastes from top to bottom, as (trial, bin) of one unit; missing bins before a rate starts
/// are NaN.
enum class Rate { counted, boxcar, rnn };
Array<float, 2> all_trials(const RegionRates& rates, std::size_t unit, Rate kind);

/// A heat map of all_trials in `frame` (first trial on top), a strip in the tastes' colours at its right
/// edge.
void add_trials_heat_map(Picture& picture, const RegionRates& rates, const Array<float, 2>& values,
                         const Rect& frame, const ColourScale& scale, bool time_labels, bool trial_labels);

/// Centres in x of heat maps over all bins: the first and the step.
struct TimeSteps {
  double first_ms = 0.0;
  double step_ms = 0.0;
};
TimeSteps time_steps(const RegionRates& rates);

}  // namespace rnn_rates::plot
