#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "plot/axis.hpp"
#include "plot/figures.hpp"
#include "plot/region_rates.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double row_px = 24.0, top_px = 84.0, label_px = 190.0, bars_px = 380.0, values_px = 64.0,
                 gap_px = 46.0;
constexpr Colour ours_colour = 0x0072B2, baseline_colour = 0x9A9A9A;

std::vector<std::size_t> best_first(const ScoreGroup& group) {
  return sorted_indices(group.methods.size(), [&](std::size_t a, std::size_t b) {
    const double x = group.values[a], y = group.values[b];
    return std::isnan(y) ? !std::isnan(x) : x > y;
  });
}

/// Bars start at 0, also where all are far from it: their lengths can be compared.
void draw_group(Picture& picture, const ScoreGroup& group, double top) {
  const double left = 20.0 + label_px;
  Extent extent;
  extent.include(0.0);
  for (const double value : group.values) extent.include(value);
  const double width = std::max(extent.high() - extent.low(), 1e-9);
  const auto x_of = [&](double value) { return left + (value - extent.low()) / width * bars_px; };
  picture.text(20.0, top, group.title, {.size_px = 13.0});
  double y = top + 26.0;
  for (const std::size_t method : best_first(group)) {
    const double value = group.values[method];
    picture.text(left - 10.0, y, elided(group.methods[method], 12.0, label_px - 10.0),
                 {.align = Align::right});
    if (std::isfinite(value)) {
      const double from = std::min(x_of(value), x_of(0.0)), to = std::max(x_of(value), x_of(0.0));
      picture.area({from, y - 7.0, std::max(to - from, 1.0), 14.0},
                   group.ours[method] ? ours_colour : baseline_colour);
    }
    picture.text(left + bars_px + values_px, y, std::isfinite(value) ? fmt::format("{:.3f}", value) : "none",
                 {.align = Align::right});
    y += row_px;
  }
  picture.line(x_of(0.0), top + 13.0, x_of(0.0), y - row_px / 2.0, {quiet_ink, 1.0});
}

}  // namespace

Picture scores_picture(const std::string& session, const std::vector<ScoreGroup>& groups) {
  if (groups.empty()) throw Error(ErrorKind::bug, "no scores to draw");
  double height = top_px;
  for (const ScoreGroup& group : groups) {
    if (group.methods.size() != group.values.size() || group.methods.size() != group.ours.size())
      throw Error(ErrorKind::bug, "{}: {} methods and {} values", group.title, group.methods.size(),
                  group.values.size());
    height += 26.0 + row_px * static_cast<double>(group.methods.size()) + gap_px - row_px;
  }
  Picture picture(20.0 + label_px + bars_px + values_px + 20.0, height + 10.0);
  picture.text(20.0, 22.0, "Scores against the baselines", {.size_px = 17.0});
  picture.text(20.0, 44.0, elided(session, 12.0, picture.width_px() - 40.0), {.colour = quiet_ink});
  picture.legend(picture.width_px() - 20.0, 22.0,
                 {{"rnn-rates", {{ours_colour, 10.0}}}, {"baseline", {{baseline_colour, 10.0}}}});
  double top = top_px;
  for (const ScoreGroup& group : groups) {
    draw_group(picture, group, top);
    top += 26.0 + row_px * static_cast<double>(group.methods.size()) + gap_px - row_px;
  }
  return picture;
}

Picture sessions_picture(const std::string& dataset, const std::vector<std::string>& sessions,
                         const std::vector<SessionScores>& scores) {
  constexpr double names_px = 180.0, panel_px = 200.0, space_px = 24.0, first_px = 84.0;
  const auto rows = static_cast<double>(sessions.size()), columns = static_cast<double>(scores.size());
  Picture picture(std::max(names_px + columns * (panel_px + space_px) + 20.0, 420.0),
                  first_px + rows * row_px + 46.0);
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
