#include "plot/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double tick_label_px = 11.0;
constexpr double legend_px = 12.0, legend_line_px = 24.0, legend_space_px = 6.0, legend_gap_px = 18.0;

/// The last part of a line, arrow or plot element. gnuplot's colours carry transparency, not opacity.
std::string stroke_options(const Stroke& stroke) {
  static constexpr std::array dashes{" dt solid", " dt (6,4)", " dt (8,3,2,3)", " dt (2,2.5)"};
  const auto transparency = static_cast<unsigned>(std::lround((1.0 - stroke.opacity) * 255.0));
  return fmt::format("lw {} lc rgb '#{:02X}{:06X}'{}", stroke.width_px, transparency, stroke.colour,
                     dashes[static_cast<std::size_t>(stroke.dash)]);
}

std::string axis_commands(const Axis& axis, char name) {
  std::string commands = fmt::format("set {}range [{}:{}]\n", name, axis.first, axis.last);
  commands += fmt::format("{} logscale {}\n", axis.logarithmic ? "set" : "unset", name);
  if (axis.ticks.empty()) return commands + fmt::format("unset {}tics\n", name);
  // A panel without ticks, such as a colour bar, makes gnuplot forget how they are drawn.
  commands += fmt::format("set {}tics out nomirror ({})\n", name, fmt::join(axis.ticks, ","));
  return commands + fmt::format("set format {} '{}'\n", name, axis.labels ? "%g" : "");
}

}  // namespace

Panel::Panel(const Rect& frame, Axis x, Axis y) : frame_(frame), x_(std::move(x)), y_(std::move(y)) {}

void Panel::add(std::span<const float> values, std::size_t columns, std::string_view style,
                const Stroke& stroke) {
  // gnuplot stops at an element without points.
  if (std::none_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) return;
  std::string format, columns_used;
  for (std::size_t column = 1; column <= columns; ++column) {
    format += "%float";
    columns_used += fmt::format("{}{}", column == 1 ? "" : ":", column);
  }
  elements_ += fmt::format("{}'-' binary record={} format='{}' using {} with {} {} notitle",
                           elements_.empty() ? "" : ", ", values.size() / columns, format, columns_used,
                           style, stroke_options(stroke));
  const auto bytes = std::as_bytes(values);
  data_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Panel::lines(std::span<const float> points, const Stroke& stroke) { add(points, 2, "lines", stroke); }

void Panel::dots(std::span<const float> points, Colour colour, double size_px) {
  // A filled circle of point size 1 is 8 px wide.
  add(points, 2, fmt::format("points pt 7 ps {}", size_px / 8.0), Stroke{colour});
}

void Panel::spikes(std::span<const float> points, double height, const Stroke& stroke) {
  std::vector<float> vectors;
  vectors.reserve(2 * points.size());
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    vectors.insert(vectors.end(), {points[i], points[i + 1] - static_cast<float>(height / 2.0), 0.0F,
                                   static_cast<float>(height)});
  }
  add(vectors, 4, "vectors nohead", stroke);
}

void Panel::band(std::span<const float> points, Colour colour, double opacity) {
  add(points, 3, "filledcurves fill solid noborder", {colour, 1.0, opacity});
}

void Panel::heat_map(const Array<float, 2>& values, double first_x, double step_x, double first_y,
                     double step_y, const ColourScale& scale) {
  if (values.size() == 0) return;
  elements_ += fmt::format(
      "{}'-' binary array=({},{}) origin=({},{}) dx={} dy={} format='%uchar%uchar%uchar' using 1:2:3 with "
      "rgbimage notitle",
      elements_.empty() ? "" : ", ", values.extent(1), values.extent(0), first_x, first_y, step_x, step_y);
  for (const float value : values.values()) {
    const Colour colour = scale.colour(static_cast<double>(value));
    for (const unsigned shift : {16U, 8U, 0U}) data_ += static_cast<char>(colour >> shift & 0xFFU);
  }
}

void Panel::background(double from_y, double to_y, Colour colour, double opacity) {
  arrows_ += fmt::format(
      "set object rectangle from graph 0, first {} to graph 1, first {} back fillcolor rgb '#{:06X}' "
      "fillstyle solid {} noborder\n",
      from_y, to_y, colour, opacity);
}

void Panel::vertical(double x, const Stroke& stroke) {
  if (x < std::min(x_.first, x_.last) || x > std::max(x_.first, x_.last)) return;
  arrows_ += fmt::format("set arrow from first {0}, graph 0 to first {0}, graph 1 nohead back {1}\n", x,
                         stroke_options(stroke));
}

std::string Panel::commands(double width_px, double height_px) const {
  std::string commands = fmt::format(
      "set lmargin at screen {}\nset rmargin at screen {}\nset tmargin at screen {}\nset bmargin at screen "
      "{}\n",
      frame_.left / width_px, frame_.right() / width_px, 1.0 - frame_.top / height_px,
      1.0 - frame_.bottom() / height_px);
  commands += axis_commands(x_, 'x') + axis_commands(y_, 'y') + arrows_;
  commands += "plot " + (elements_.empty() ? "NaN notitle" : elements_) + "\n" + data_;
  return commands + "unset label\nunset arrow\nunset object\n";
}

Picture::Picture(const Paper& paper, double height_px)
    : paper_(paper), width_px_(paper.width_px()), height_px_(height_px) {}

void Picture::text(double x, double y, std::string_view text, const TextStyle& style) {
  const char* align = style.align == Align::left ? "left" : style.align == Align::right ? "right" : "center";
  decorations_ += fmt::format(
      "set label {} at screen {}, screen {} {} {} noenhanced font 'sans-serif,{}' "
      "textcolor rgb '#{:06X}'\n",
      gnuplot_literal(printable(text)), x / width_px_, 1.0 - y / height_px_, align,
      style.upright ? "rotate by 90" : "norotate", style.size_px, style.colour);
}

void Picture::line(double from_x, double from_y, double to_x, double to_y, const Stroke& stroke) {
  decorations_ += fmt::format("set arrow from screen {}, screen {} to screen {}, screen {} nohead {}\n",
                              from_x / width_px_, 1.0 - from_y / height_px_, to_x / width_px_,
                              1.0 - to_y / height_px_, stroke_options(stroke));
}

double Picture::legend_width_px(const std::vector<LegendEntry>& entries) {
  double width = -legend_gap_px;
  for (const LegendEntry& entry : entries) {
    width += legend_gap_px + text_width_px(entry.label, legend_px);
    if (!entry.strokes.empty()) width += legend_line_px + legend_space_px;
  }
  return std::max(width, 0.0);
}

void Picture::legend(double right, double y, const std::vector<LegendEntry>& entries) {
  double x = right - legend_width_px(entries);
  for (const LegendEntry& entry : entries) {
    const double part_px =
        legend_line_px / static_cast<double>(std::max<std::size_t>(entry.strokes.size(), 1));
    for (const Stroke& stroke : entry.strokes) {
      line(x, y, x + part_px, y, stroke);
      x += part_px;
    }
    if (!entry.strokes.empty()) x += legend_space_px;
    text(x, y, entry.label, {.size_px = legend_px, .colour = quiet_ink});
    x += text_width_px(entry.label, legend_px) + legend_gap_px;
  }
}

void Picture::area(const Rect& rect, Colour colour) {
  decorations_ += fmt::format(
      "set object rectangle from screen {}, screen {} to screen {}, screen {} back fillcolor rgb '#{:06X}' "
      "fillstyle solid noborder\n",
      rect.left / width_px_, 1.0 - rect.bottom() / height_px_, rect.right() / width_px_,
      1.0 - rect.top / height_px_, colour);
}

void Picture::colour_bar(const Rect& bar, const ColourScale& scale, std::string_view label) {
  constexpr std::size_t steps = 64;
  // Two columns, since gnuplot draws no image that is one pixel wide.
  Array<float, 2> values({steps, 2});
  const double step = (scale.high() - scale.low()) / static_cast<double>(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    values(i, 0) = values(i, 1) = static_cast<float>(scale.low() + (static_cast<double>(i) + 0.5) * step);
  }
  Panel panel(bar, Axis{0.0, 1.0, {}}, Axis{scale.low(), scale.high(), {}});
  panel.heat_map(values, 0.25, 0.5, scale.low() + 0.5 * step, step, scale);
  add(panel);
  for (const double tick : round_ticks(scale.low(), scale.high(), 5)) {
    const double share = (tick - scale.low()) / (scale.high() - scale.low());
    const double space_px = 14.0;  // for the end's own words
    if (scale.cuts_high() && (1.0 - share) * bar.height < space_px) continue;
    if (scale.cuts_low() && share * bar.height < space_px) continue;
    text(bar.right() + 4.0, bar.bottom() - share * bar.height, fmt::format("{:g}", tick),
         {.size_px = tick_label_px, .colour = quiet_ink});
  }
  const TextStyle small{.size_px = tick_label_px, .colour = quiet_ink};
  if (scale.cuts_high()) text(bar.right() + 4.0, bar.top - 6.0, fmt::format("> {:.3g}", scale.high()), small);
  if (scale.cuts_low())
    text(bar.right() + 4.0, bar.bottom() + 6.0, fmt::format("< {:.3g}", scale.low()), small);
  text(bar.left, bar.top - 18.0, label, {.size_px = tick_label_px});
}

void Picture::add(const Panel& panel) { panels_ += panel.commands(width_px_, height_px_); }

std::string Picture::commands() const {
  // gnuplot draws labels, lines and areas with the first plot.
  const std::string no_panel = "unset border\nunset tics\nplot [0:1] [0:1] NaN notitle\n";
  return fmt::format(
      "reset\n"
      "set minussign\n"
      "unset key\n"
      "set border 3 lc rgb '#{0:06X}' lw 1\n"
      "set tics out nomirror scale 0.5,0.25 textcolor rgb '#{0:06X}' font 'sans-serif,{1}'\n"
      "set multiplot\n{2}{3}unset multiplot\n",
      quiet_ink, tick_label_px, decorations_, panels_.empty() ? no_panel : panels_);
}

}  // namespace rnn_rates::plot
