#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/array.hpp"
#include "plot/axis.hpp"
#include "plot/colours.hpp"
#include "plot/paper.hpp"

namespace rnn_rates::plot {

/// Positions on a picture are in px of its layout (see Paper) from its left and top edges.
struct Rect {
  double left = 0.0;
  double top = 0.0;
  double width = 0.0;
  double height = 0.0;

  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

enum class Align { left, centre, right };

struct TextStyle {
  double size_px = 12.0;
  Colour colour = ink;
  Align align = Align::left;
  bool upright = false;  ///< reads from bottom to top
};

/// One pair of axes and what is drawn in it, in the order of the calls. Points that are not finite are gaps.
class Panel {
 public:
  Panel(const Rect& frame, Axis x, Axis y);

  /// `points` holds x and y in turn.
  void lines(std::span<const float> points, const Stroke& stroke);
  /// Dots of diameter `size_px`.
  void dots(std::span<const float> points, Colour colour, double size_px);
  /// Upright ticks, as in a raster, of `height` (in units of y), centred at `points`.
  void spikes(std::span<const float> points, double height, const Stroke& stroke);
  /// The area between two curves: `points` holds x, lower and upper y in turn.
  void band(std::span<const float> points, Colour colour, double opacity);
  /// A block of colour for each of `values` (row, column): column c is centred at first_x + c * step_x, row r
  /// at first_y + r * step_y.
  void heat_map(const Array<float, 2>& values, double first_x, double step_x, double first_y, double step_y,
                const ColourScale& scale);
  /// A line over the whole height, behind all lines and dots.
  void vertical(double x, const Stroke& stroke);
  /// A coloured area over the whole width, behind all else.
  void background(double from_y, double to_y, Colour colour, double opacity);

 private:
  friend class Picture;
  void add(std::span<const float> values, std::size_t columns, std::string_view style, const Stroke& stroke);
  std::string commands(double width_px, double height_px) const;

  Rect frame_;
  Axis x_, y_;
  std::string arrows_;    ///< gnuplot commands, and those of areas
  std::string elements_;  ///< of the plot command
  std::string data_;      ///< binary, in the order of the elements
};

/// One entry of a legend: a short line, in several colours where it stands for several, and what it means.
struct LegendEntry {
  std::string label;
  std::vector<Stroke> strokes;
};

/// A picture as gnuplot commands and data, for any format: Gnuplot::draw makes a file of it. Texts may come
/// from a file: none is interpreted.
class Picture {
 public:
  Picture(const Paper& paper, double height_px);

  const Paper& paper() const { return paper_; }
  double width_px() const { return width_px_; }
  double height_px() const { return height_px_; }
  /// What it shows, for its file's own title.
  void set_title(const std::string& title) { title_ = title; }
  const std::string& title() const { return title_; }
  /// `y` is the middle of the line.
  void text(double x, double y, std::string_view text, const TextStyle& style);
  void line(double from_x, double from_y, double to_x, double to_y, const Stroke& stroke);
  /// Entries in a row that ends at `right`.
  void legend(double right, double y, const std::vector<LegendEntry>& entries);
  /// Width that legend() takes for these entries.
  static double legend_width_px(const std::vector<LegendEntry>& entries);
  /// A filled area, behind all else.
  void area(const Rect& rect, Colour colour);
  /// Upright bar with the scale's colours and a few of its values to the right, `label` above; where values
  /// are drawn that lie outside, its ends say so.
  void colour_bar(const Rect& bar, const ColourScale& scale, std::string_view label);
  void add(const Panel& panel);
  /// What gnuplot has to read after its terminal and output are set.
  std::string commands() const;

 private:
  Paper paper_;
  double width_px_, height_px_;
  std::string title_, decorations_, panels_;
};

}  // namespace rnn_rates::plot
