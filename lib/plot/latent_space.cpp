#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double mean_width_px = 2.2, time_mark_ms = 500.0;
constexpr std::size_t most_trials = 10;  ///< of each condition

void check_axes(const RegionRates& rates, std::size_t least) {
  check_shapes(rates);
  for (const TasteRates& taste : rates.tastes) {
    if (taste.latent_axes.extent(1) < least || taste.latent_axes.extent(0) != taste.trials() ||
        taste.axis_shares.size() != taste.latent_axes.extent(1))
      throw Error(ErrorKind::bug, "no latents of {} to draw", taste.taste);
  }
}

std::string axis_name(const TasteRates& taste, std::size_t axis) {
  return fmt::format("axis {}, {:.0f}% of variance", axis + 1, 100.0 * taste.axis_shares[axis]);
}

/// Conditions of one fit, whose axes are the same.
using Group = std::vector<const TasteRates*>;

std::vector<Group> groups_of(const RegionRates& rates) {
  std::vector<Group> groups;
  for (const TasteRates& taste : rates.tastes) {
    if (groups.empty() || groups.back().front()->fit != taste.fit) groups.emplace_back();
    groups.back().push_back(&taste);
  }
  return groups;
}

/// Standard deviation of an axis over all trials of a group.
double deviation(const Group& group, std::size_t axis) {
  Moments moments;
  for (const TasteRates* taste : group) moments.add(taste->latent_axes, axis);
  return std::max(std::sqrt(moments.variance()), 1e-12);
}

/// A plane that the first axes are projected on.
struct View {
  std::string x_label, y_label;
  std::array<double, 3> x, y;  ///< weights of the axes
};

std::vector<View> views_of(const TasteRates& taste) {
  const std::size_t axes = taste.latent_axes.extent(1);
  std::vector<View> views{{axis_name(taste, 0), axis_name(taste, 1), {1, 0, 0}, {0, 1, 0}}};
  if (axes < 3) return views;
  views.push_back({axis_name(taste, 0), axis_name(taste, 2), {1, 0, 0}, {0, 0, 1}});
  constexpr double azimuth = 0.9, elevation = 0.45;
  views.push_back({"axes 1, 2 and 3",
                   "",
                   {-std::sin(azimuth), std::cos(azimuth), 0.0},
                   {-std::sin(elevation) * std::cos(azimuth), -std::sin(elevation) * std::sin(azimuth),
                    std::cos(elevation)}});
  return views;
}

/// x and y in turn of a path (axis, bin).
std::vector<float> path(const View& view, const std::vector<std::span<const float>>& axes) {
  std::vector<float> points;
  for (std::size_t bin = 0; bin < axes.front().size(); ++bin) {
    double x = 0.0, y = 0.0;
    for (std::size_t axis = 0; axis < std::min<std::size_t>(axes.size(), 3); ++axis) {
      x += view.x[axis] * static_cast<double>(axes[axis][bin]);
      y += view.y[axis] * static_cast<double>(axes[axis][bin]);
    }
    points.insert(points.end(), {static_cast<float>(x), static_cast<float>(y)});
  }
  return points;
}

/// What is drawn of one condition in one view.
struct Paths {
  std::vector<float> trials, mean;  ///< trials with gaps between them
  std::vector<float> times;         ///< of the mean, at each time_mark_ms after the stimulus
  std::vector<float> stimulus;
};

Paths paths_of(const View& view, const TasteRates& taste) {
  Paths paths;
  const std::size_t axes = taste.latent_axes.extent(1), shown = std::min(taste.trials(), most_trials);
  for (std::size_t i = 0; i < shown; ++i) {
    const std::size_t trial = i * taste.trials() / shown;
    std::vector<std::span<const float>> of_trial;
    for (std::size_t axis = 0; axis < axes; ++axis)
      of_trial.push_back(trial_values(taste.latent_axes, trial, axis));
    const std::vector<float> points = path(view, of_trial);
    paths.trials.insert(paths.trials.end(), points.begin(), points.end());
    paths.trials.insert(paths.trials.end(), 2, std::numeric_limits<float>::quiet_NaN());
  }
  if (taste.trials() == 0) return paths;
  std::vector<std::vector<float>> means;
  for (std::size_t axis = 0; axis < axes; ++axis) means.push_back(trial_mean(taste.latent_axes, axis));
  paths.mean = path(view, {means.begin(), means.end()});
  const std::vector<double>& time_ms = taste.rnn_time_ms;
  for (std::size_t bin = 1; bin < time_ms.size(); ++bin) {
    const double before = std::floor(time_ms[bin - 1] / time_mark_ms),
                 now = std::floor(time_ms[bin] / time_mark_ms);
    if (before == now) continue;
    const std::array mark{paths.mean[2 * bin], paths.mean[2 * bin + 1]};
    if (now == 0.0)
      paths.stimulus.insert(paths.stimulus.end(), mark.begin(), mark.end());
    else
      paths.times.insert(paths.times.end(), mark.begin(), mark.end());
  }
  return paths;
}

/// Axes on which a unit is as long in both directions.
struct Plane {
  Axis x, y;
};

Plane plane_of(const std::vector<Paths>& all, const Rect& frame) {
  Extent x, y;
  for (const Paths& paths : all) {
    for (const std::vector<float>* points : {&paths.trials, &paths.mean}) {
      for (std::size_t i = 0; i + 1 < points->size(); i += 2) {
        x.include(static_cast<double>((*points)[i]));
        y.include(static_cast<double>((*points)[i + 1]));
      }
    }
  }
  const auto span = [](const Extent& of) { return of.empty() ? 1.0 : std::max(of.high() - of.low(), 1e-9); };
  const double unit_px = std::min(frame.width / span(x), frame.height / span(y)) / 1.08;
  const auto axis = [&](const Extent& of, double length_px) {
    const double middle = of.empty() ? 0.0 : (of.low() + of.high()) / 2.0, half = length_px / unit_px / 2.0;
    return Axis{middle - half, middle + half, round_ticks(middle - half, middle + half, 4)};
  };
  return {axis(x, frame.width), axis(y, frame.height)};
}

/// The directions of the three axes, in a corner.
void add_tripod(Picture& picture, Panel& panel, const View& view, const Plane& plane, const Rect& frame) {
  const double length = 0.16 * (plane.x.last - plane.x.first);
  const double x = plane.x.first + 1.1 * length, y = plane.y.first + 0.9 * length;
  const double unit_px = frame.width / (plane.x.last - plane.x.first);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double to_x = x + length * view.x[axis], to_y = y + length * view.y[axis];
    panel.lines(std::array{static_cast<float>(x), static_cast<float>(y), static_cast<float>(to_x),
                           static_cast<float>(to_y)},
                {quiet_ink, 1.0});
    picture.text(frame.left + (x + 1.25 * (to_x - x) - plane.x.first) * unit_px,
                 frame.bottom() - (y + 1.25 * (to_y - y) - plane.y.first) * unit_px,
                 fmt::format("{}", axis + 1), {.size_px = 11.0, .colour = quiet_ink, .align = Align::centre});
  }
}

void add_view(Picture& picture, const Group& group, const View& view, const Rect& frame) {
  std::vector<Paths> all;
  all.reserve(group.size());
  for (const TasteRates* taste : group) all.push_back(paths_of(view, *taste));
  Plane plane = plane_of(all, frame);
  const bool flat = !view.y_label.empty();
  if (!flat) plane.x.ticks.clear(), plane.y.ticks.clear();
  Panel panel(frame, plane.x, plane.y);
  for (std::size_t i = 0; i < group.size(); ++i)
    panel.lines(all[i].trials, {taste_colour(group[i]->index), 0.8, 0.3});
  for (std::size_t i = 0; i < group.size(); ++i) {
    panel.lines(all[i].mean, {0xFFFFFF, mean_width_px + 2.0});
    panel.lines(all[i].mean, {taste_colour(group[i]->index), mean_width_px});
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    panel.dots(all[i].times, taste_colour(group[i]->index), 6.0);
    panel.dots(all[i].stimulus, ink, 10.0);
    panel.dots(all[i].stimulus, taste_colour(group[i]->index), 6.5);
  }
  if (!flat) add_tripod(picture, panel, view, plane, frame);
  picture.add(panel);
  picture.text(frame.left + frame.width / 2.0, frame.bottom() + 34.0, view.x_label,
               {.size_px = 11.0, .align = Align::centre});
  if (flat)
    picture.text(frame.left - 40.0, frame.top + frame.height / 2.0, view.y_label,
                 {.size_px = 11.0, .align = Align::centre, .upright = true});
}

}  // namespace

bool has_latent_axes(const RegionRates& rates) {
  return std::all_of(rates.tastes.begin(), rates.tastes.end(),
                     [](const TasteRates& taste) { return taste.latent_axes.extent(1) >= 2; });
}

Picture latent_space_picture(const RegionRates& rates, const Paper& paper, std::size_t) {
  check_axes(rates, 2);
  const std::vector<Group> groups = groups_of(rates);
  std::size_t most_views = 1;
  for (const Group& group : groups) most_views = std::max(most_views, views_of(*group.front()).size());
  Heading heading{
      "Latent factors along their principal axes",
      fmt::format("{}; means over trials and up to {} trials of each {}; ringed: stimulus, dots: every {:g} "
                  "ms; the sign of an axis has no meaning",
                  place(rates), most_trials, rates.condition_word, time_mark_ms),
      taste_legend(rates), ""};
  for (LegendEntry& entry : heading.legend) entry.strokes.front().dash = Dash::solid;  // Dots cut dashes.
  PanelGrid grid{.left_px = 64.0, .bottom_px = 48.0, .titles_px = 12.0, .gap_x_px = 62.0, .gap_y_px = 56.0};
  grid.columns = grid.columns_that_fit(paper, 150.0, most_views);
  const std::size_t rows_each = (most_views + grid.columns - 1) / grid.columns;
  grid.rows = rows_each * groups.size();
  grid.fit(paper, heading);
  const double room_px = paper.height_px() - grid.top_px - grid.bottom_px;
  grid.panel_height_px =
      std::min(grid.panel_width_px, room_px / static_cast<double>(grid.rows) - grid.gap_y_px);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::vector<View> views = views_of(*groups[i].front());
    for (std::size_t view = 0; view < views.size(); ++view)
      add_view(picture, groups[i], views[view], grid.frame(i * rows_each * grid.columns + view));
  }
  return picture;
}

Picture latents_picture(const RegionRates& rates, const Paper& paper, std::size_t) {
  check_axes(rates, 1);
  std::size_t axes = 1;
  for (const TasteRates& taste : rates.tastes) axes = std::max(axes, taste.latent_axes.extent(1));
  const Heading heading{"Latent factors along their principal axes, trials by time",
                        place(rates) + "; in standard deviations of each axis, whose sign has no meaning",
                        {{"stimulus", {stimulus_stroke}}}};
  PanelGrid grid{
      .columns = axes, .rows = rates.tastes.size(), .right_px = 66.0, .titles_px = 48.0, .gap_y_px = 26.0};
  grid.fit(paper, heading);
  const double room_px = paper.height_px() - grid.top_px - grid.bottom_px;
  grid.panel_height_px = std::min(120.0, room_px / static_cast<double>(grid.rows) - grid.gap_y_px);
  Picture picture = grid.picture(paper, heading);
  const std::vector<Group> groups = groups_of(rates);
  ColourScale scale = ColourScale::diverging(3.0);
  std::size_t row = 0;
  for (const Group& group : groups) {
    for (const TasteRates* taste : group) {
      add_row_label(picture, grid, row, raster_label(rates));
      for (std::size_t axis = 0; axis < taste->latent_axes.extent(1); ++axis) {
        const Rect frame = grid.frame(axis, row);
        const Axis time = time_axis(frame, taste->rnn_time_ms, rates.bin_ms, row + 1 == grid.rows);
        Array<float, 2> values = unit_values(taste->latent_axes, axis);
        const double sd = deviation(group, axis);
        Extent drawn;
        for (float& value : values.values()) value = static_cast<float>(static_cast<double>(value) / sd);
        drawn.include(values.values());
        if (!drawn.empty()) scale.drawing(drawn.low(), drawn.high());
        picture.add(
            heat_panel(frame, time, {values, taste->rnn_time_ms.front(), rates.bin_ms}, scale, axis == 0));
        if (taste == group.front()) {
          Rect above = frame;
          above.top -= row == 0 ? 22.0 : 0.0;
          add_panel_name(picture, above, axis_name(*taste, axis));
        }
      }
      add_condition_title(picture, grid.frame(0, row), *taste);
      ++row;
    }
  }
  add_colour_bar(picture, grid.frame(axes - 1, 0), scale, "sd");
  return picture;
}

}  // namespace rnn_rates::plot
