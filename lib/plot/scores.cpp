#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "plot/axis.hpp"
#include "plot/figures.hpp"
#include "plot/layout.hpp"
#include "plot/region_rates.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double row_px = 24.0, label_px = 170.0, values_px = 128.0, left_px = 20.0, group_px = 26.0,
                 gap_px = 18.0;
constexpr Colour ours_colour = 0x0072B2, network_colour = 0x7FB8D8, baseline_colour = 0xB4B4B4;

std::vector<std::size_t> best_first(const ScoreGroup& group) {
  return sorted_indices(group.methods.size(), [&](std::size_t a, std::size_t b) {
    const double x = group.methods[a].value, y = group.methods[b].value;
    return std::isnan(y) ? !std::isnan(x) : x > y;
  });
}

/// From 0, also where all are far from it, so that lengths can be compared, to the longest bar with its
/// error. A method far below 0 would leave the others no room: bars end where they are as long as the best
/// one's.
Extent common_extent(const std::vector<ScoreGroup>& groups, const std::string& quantity) {
  Extent extent;
  extent.include(0.0);
  for (const ScoreGroup& group : groups) {
    if (group.quantity != quantity) continue;
    for (const ScoredMethod& method : group.methods) {
      extent.include(method.value + (std::isnan(method.error) ? 0.0 : method.error));
      for (const double part : method.parts) extent.include(part);
    }
  }
  const double lowest = extent.high() > 0.0 ? std::max(extent.low(), -extent.high()) : extent.low();
  Extent shown;
  shown.include(lowest);
  shown.include(std::max(extent.high(), lowest + 1e-9));
  return shown;
}

std::string digits(const ScoredMethod& method) {
  if (std::isnan(method.value)) return "none";
  return std::isnan(method.error) ? fmt::format("{:.3f}", method.value)
                                  : fmt::format("{:.3f} ± {:.3f}", method.value, method.error);
}

struct Bars {
  double left_px, width_px;
  Extent extent;

  double x_of(double value) const {
    const double share = (value - extent.low()) / (extent.high() - extent.low());
    return left_px + std::clamp(share, 0.0, 1.0) * width_px;
  }
};

void draw_method(Picture& picture, const ScoredMethod& method, const Bars& bars, double y) {
  picture.text(bars.left_px - 12.0, y, elided(method.name, 12.0, label_px - 12.0), {.align = Align::right});
  picture.text(picture.width_px() - left_px, y, digits(method), {.align = Align::right});
  if (!std::isfinite(method.value)) return;
  const double from = std::min(bars.x_of(method.value), bars.x_of(0.0)),
               to = std::max(bars.x_of(method.value), bars.x_of(0.0));
  const Colour colour = method.whose == Whose::published ? ours_colour
                        : method.whose == Whose::network ? network_colour
                                                         : baseline_colour;
  picture.area({from, y - 7.0, std::max(to - from, 1.0), 14.0}, colour);
  for (const double part : method.parts) {
    if (std::isfinite(part) && part >= bars.extent.low())
      picture.line(bars.x_of(part), y - 5.0, bars.x_of(part), y + 5.0, {ink, 1.0, 0.6});
  }
  if (std::isfinite(method.error) && method.value - method.error > bars.extent.low())
    picture.line(bars.x_of(method.value - method.error), y, bars.x_of(method.value + method.error), y,
                 {ink, 1.8});
  if (method.value < bars.extent.low())
    picture.text(bars.left_px - 2.0, y, "◂", {.size_px = 13.0, .align = Align::centre});
}

double height_of(const ScoreGroup& group) {
  return group_px + row_px * static_cast<double>(group.methods.size()) + gap_px;
}

}  // namespace

Picture scores_picture(const std::string& session, const Paper& paper,
                       const std::vector<ScoreGroup>& groups) {
  if (groups.empty()) throw Error(ErrorKind::bug, "no scores to draw");
  const Heading heading{
      "Scores against simpler methods",
      session + "; bars of one quantity on one scale; an arrow: further below 0 than there is room",
      {{"rates inferred here", {{ours_colour, 10.0}}},
       {"network alone", {{network_colour, 10.0}}},
       {"other methods", {{baseline_colour, 10.0}}},
       {"± standard error", {{ink, 1.8}}},
       {"a line for each fold", {{ink, 1.0, 0.6}}}},
      ""};
  PanelGrid grid{.left_px = left_px, .right_px = left_px, .bottom_px = 4.0, .titles_px = 20.0};
  for (const ScoreGroup& group : groups) grid.panel_height_px += height_of(group);
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  double top = grid.top_px;
  for (const ScoreGroup& group : groups) {
    const Bars bars{left_px + label_px, picture.width_px() - 2.0 * left_px - label_px - values_px,
                    common_extent(groups, group.quantity)};
    picture.text(left_px, top, elided(group.title, 12.0, picture.width_px() - 2.0 * left_px), {});
    double y = top + group_px;
    for (const std::size_t method : best_first(group)) {
      draw_method(picture, group.methods[method], bars, y);
      y += row_px;
    }
    picture.line(bars.x_of(0.0), top + 13.0, bars.x_of(0.0), y - row_px / 2.0, {quiet_ink, 1.0});
    top += height_of(group);
  }
  return picture;
}

namespace {

Axis common_axis(const FitUnitScores& fit, double length_px) {
  Extent extent;
  for (const std::vector<double>* scores : {&fit.simple, &fit.published}) {
    for (const double score : *scores) extent.include(score);
  }
  return linear_axis(extent, static_cast<std::size_t>(length_px / 45.0));
}

/// Those that differ most, unless their names would run into each other.
void name_units(Picture& picture, const FitUnitScores& fit, const Rect& frame, const Axis& axis,
                const std::vector<double>& distance) {
  constexpr std::size_t most_named = 4;
  constexpr double name_px = 50.0, height_px = 12.0;
  const auto place = [&](double value) { return (value - axis.first) / (axis.last - axis.first); };
  std::vector<std::pair<double, double>> named;
  for (const std::size_t unit : largest(distance, most_named)) {
    const double x = frame.left + place(fit.simple[unit]) * frame.width,
                 y = frame.bottom() - place(fit.published[unit]) * frame.height;
    const bool free = std::none_of(named.begin(), named.end(), [&](const auto& other) {
      return std::abs(other.first - x) < 2.0 * name_px && std::abs(other.second - y) < height_px;
    });
    if (distance[unit] < 0.0 || !free) continue;
    named.emplace_back(x, y);
    // On the side of the dot where there is no diagonal.
    const bool before = fit.published[unit] > fit.simple[unit] && x - frame.left > name_px + 6.0;
    picture.text(before ? x - 6.0 : x + 6.0, y, fit.units[unit],
                 {.size_px = 11.0, .colour = quiet_ink, .align = before ? Align::right : Align::left});
  }
}

void draw_units(Picture& picture, const FitUnitScores& fit, const Rect& frame) {
  const Axis axis = common_axis(fit, frame.width);
  Panel panel(frame, axis, axis);
  const auto first = static_cast<float>(axis.first), last = static_cast<float>(axis.last);
  panel.lines(std::array{first, first, last, last}, {quiet_ink, 1.0, 1.0, Dash::dashed});
  std::vector<float> better, others;
  std::vector<double> distance;
  for (std::size_t unit = 0; unit < fit.units.size(); ++unit) {
    const double x = fit.simple[unit], y = fit.published[unit];
    distance.push_back(std::isfinite(x) && std::isfinite(y) ? std::abs(y - x) : -1.0);
    if (distance.back() < 0.0) continue;
    const std::array dot{static_cast<float>(x), static_cast<float>(y)};
    if (y > x)
      better.insert(better.end(), dot.begin(), dot.end());
    else
      others.insert(others.end(), dot.begin(), dot.end());
  }
  panel.dots(better, ours_colour, 6.0);
  panel.dots(others, 0xD55E00, 6.0);
  picture.add(panel);
  name_units(picture, fit, frame, axis, distance);
  picture.text(frame.left + frame.width / 2.0, frame.bottom() + 32.0, fit.simple_name,
               {.size_px = 11.0, .align = Align::centre});
  picture.text(frame.left, frame.top - 22.0, elided(fit.fit, 11.0, frame.width), {.size_px = 11.0});
  picture.text(
      frame.left, frame.top - 8.0,
      fmt::format("better in {} of {} units", better.size() / 2, (better.size() + others.size()) / 2),
      {.size_px = 11.0, .colour = quiet_ink});
}

}  // namespace

Picture unit_scores_picture(const std::string& session, Paper paper, std::span<const FitUnitScores> fits) {
  if (fits.empty()) throw Error(ErrorKind::bug, "no scores of units to draw");
  if (fits.size() == 1) paper.width_mm = std::min(paper.width_mm, one_column_mm);
  const Heading heading{
      "Scores of each unit against the best simple method",
      session + "; bits per hidden spike, against each unit's mean rate; named: the units that differ most",
      {{"better than the simple method", {{ours_colour, 8.0}}}, {"not better", {{0xD55E00, 8.0}}}},
      ""};
  PanelGrid grid{.left_px = 76.0, .bottom_px = 48.0, .titles_px = 40.0, .gap_x_px = 60.0, .gap_y_px = 84.0};
  grid.columns = grid.columns_that_fit(paper, 220.0, fits.size());
  grid.rows = (fits.size() + grid.columns - 1) / grid.columns;
  grid.fit(paper, heading);
  grid.panel_width_px = grid.panel_height_px = std::min(grid.panel_width_px, 340.0);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const FitUnitScores& fit = fits[i];
    if (fit.simple.size() != fit.units.size() || fit.published.size() != fit.units.size())
      throw Error(ErrorKind::bug, "{}: scores of {} and {} units, expected {}", fit.fit, fit.simple.size(),
                  fit.published.size(), fit.units.size());
    if (i % grid.columns == 0) add_row_label(picture, grid, i / grid.columns, "rates inferred here");
    draw_units(picture, fit, grid.frame(i));
  }
  return picture;
}

Picture sessions_picture(const std::string& dataset, const Paper& paper,
                         const std::vector<std::string>& sessions, const std::vector<SessionScores>& scores) {
  constexpr double names_px = 180.0, space_px = 24.0, first_px = 84.0;
  const auto rows = static_cast<double>(sessions.size()), columns = static_cast<double>(scores.size());
  Picture picture(paper, first_px + rows * row_px + 46.0);
  picture.set_title("Scores of each session, " + dataset);
  const double panel_px = (picture.width_px() - names_px - left_px) / std::max(columns, 1.0) - space_px;
  picture.text(20.0, 22.0, elided("Scores of each session", 17.0, picture.width_px() - 40.0),
               {.size_px = 17.0});
  picture.text(20.0, 44.0, elided(dataset, 12.0, picture.width_px() - 40.0), {.colour = quiet_ink});
  for (std::size_t row = 0; row < sessions.size(); ++row) {
    const double y = first_px + (static_cast<double>(row) + 0.5) * row_px;
    picture.text(names_px - 10.0, y, elided(sessions[row], 12.0, names_px - 30.0), {.align = Align::right});
    picture.line(names_px, y, picture.width_px() - 20.0, y, {0xE6E6E6, 1.0});
  }
  for (std::size_t column = 0; column < scores.size(); ++column) {
    const SessionScores& score = scores[column];
    if (score.values.size() != sessions.size())
      throw Error(ErrorKind::bug, "{}: {} values of {} sessions", score.title, score.values.size(),
                  sessions.size());
    Extent extent;
    extent.include(0.0);
    std::vector<float> points;
    for (std::size_t row = 0; row < sessions.size(); ++row) {
      extent.include(score.values[row]);
      points.insert(points.end(), {static_cast<float>(score.values[row]), static_cast<float>(row) + 0.5F});
    }
    const Rect frame{names_px + static_cast<double>(column) * (panel_px + space_px), first_px, panel_px,
                     rows * row_px};
    Panel panel(frame, linear_axis(extent, 5), Axis{std::max(rows, 1.0), 0.0, {}});
    panel.vertical(0.0, stimulus_stroke);
    panel.dots(points, ours_colour, 9.0);
    picture.add(panel);
    picture.text(frame.left + panel_px / 2.0, first_px - 14.0, elided(score.title, 12.0, panel_px),
                 {.align = Align::centre});
  }
  return picture;
}

}  // namespace rnn_rates::plot
