#include "plot/layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

double across(std::size_t panels, double size_px, double gap_px) {
  return static_cast<double>(panels) * (size_px + gap_px) - gap_px;
}

constexpr double strip_px = 4.0;

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
  picture.text(grid.left_px, 22.0, elided(title, 17.0, width_px), {.size_px = 17.0});
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

std::vector<LegendEntry> taste_legend(const RegionRates& rates) {
  std::vector<LegendEntry> entries;
  for (const TasteRates& taste : rates.tastes) {
    entries.push_back({elided(taste.taste, 12.0, 130.0), {{taste_colour(taste.index), 4.0}}});
  }
  return entries;
}

Array<float, 2> all_trials(const RegionRates& rates, std::size_t unit, Rate kind) {
  std::size_t trials = 0;
  const std::size_t bins = rates.tastes.front().time_ms.size();
  for (const TasteRates& taste : rates.tastes) trials += taste.counts.extent(0);
  Array<float, 2> all({trials, bins}, std::numeric_limits<float>::quiet_NaN());
  std::size_t row = 0;
  for (const TasteRates& taste : rates.tastes) {
    for (std::size_t trial = 0; trial < taste.counts.extent(0); ++trial, ++row) {
      const std::size_t late = kind == Rate::rnn ? bins - taste.rnn_time_ms.size() : 0;
      for (std::size_t bin = late; bin < bins; ++bin) {
        all(row, bin) = kind == Rate::counted
                            ? static_cast<float>(taste.counts(trial, unit, bin) * 1000.0 / rates.bin_ms)
                        : kind == Rate::boxcar ? taste.boxcar_rate_hz(trial, unit, bin)
                                               : taste.rnn_rate_hz(trial, unit, bin - late);
      }
    }
  }
  return all;
}

TimeSteps time_steps(const RegionRates& rates) {
  return {rates.tastes.front().time_ms.front(), rates.bin_ms};
}

void add_trials_heat_map(Picture& picture, const RegionRates& rates, const Array<float, 2>& values,
                         const Rect& frame, const ColourScale& scale, bool time_labels, bool trial_labels) {
  const auto trials = static_cast<double>(std::max<std::size_t>(values.extent(0), 1));
  const TimeSteps steps = time_steps(rates);
  Axis time =
      time_axis(rates.tastes.front().time_ms, rates.bin_ms, static_cast<std::size_t>(frame.width / 38.0));
  time.labels = time_labels;
  Axis trial{trials + 0.5, 0.5, round_ticks(1.0, trials, 5), trial_labels};
  if (!trial_labels) trial.ticks.clear();
  Panel panel(frame, time, trial);
  panel.heat_map(values, steps.first_ms, steps.step_ms, 1.0, 1.0, scale);
  const float span[] = {0.0F, 0.5F, 0.0F, static_cast<float>(trials + 0.5)};
  panel.lines(span, stimulus_stroke);
  picture.add(panel);
  double top = frame.top;
  for (const TasteRates& taste : rates.tastes) {
    const double height = frame.height * static_cast<double>(taste.counts.extent(0)) / trials;
    picture.area({frame.right() + 2.0, top, strip_px, height}, taste_colour(taste.index));
    top += height;
  }
}

}  // namespace rnn_rates::plot
