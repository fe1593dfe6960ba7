#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

/// From 0 to what `share` of the values stay below; its colour bar says that some are above.
ColourScale scale_of(std::span<const float> values, double share) {
  Extent most, all;
  most.include(0.0);
  most.include_most(values, share);
  all.include(values);
  ColourScale scale = ColourScale::sequential(0.0, most.high());
  if (!all.empty()) scale.drawing(0.0, all.high());
  return scale;
}

/// Trials of all tastes from top to bottom, as (trial, bin) of one unit; missing bins before a rate starts
/// are NaN.
enum class Rate { counted, boxcar, rnn };
Array<float, 2> all_trials(const RegionRates& rates, std::size_t unit, Rate kind) {
  std::size_t trials = 0;
  const std::size_t bins = rates.tastes.front().time_ms.size();
  for (const TasteRates& taste : rates.tastes) trials += taste.counts.extent(0);
  Array<float, 2> all({trials, bins}, std::numeric_limits<float>::quiet_NaN());
  std::size_t row = 0;
  for (const TasteRates& taste : rates.tastes) {
    const Array<float, 2> values = kind == Rate::counted  ? binned_rate_hz(rates, taste, unit)
                                   : kind == Rate::boxcar ? unit_values(taste.boxcar_rate_hz, unit)
                                                          : unit_values(taste.rnn_rate_hz, unit);
    const std::size_t late = bins - values.extent(1);
    for (std::size_t trial = 0; trial < values.extent(0); ++trial, ++row)
      std::copy_n(&values(trial, 0), values.extent(1), &all(row, late));
  }
  return all;
}

/// A heat map of all_trials in `frame`, a strip in the tastes' colours at its right edge.
void add_trials(Picture& picture, const RegionRates& rates, const Array<float, 2>& values, const Rect& frame,
                const ColourScale& scale, bool time_labels, bool trial_labels) {
  constexpr double strip_px = 4.0;
  const std::vector<double>& time_ms = rates.tastes.front().time_ms;
  picture.add(heat_panel(frame, time_axis(frame, time_ms, rates.bin_ms, time_labels),
                         {values, time_ms.front(), rates.bin_ms}, scale, trial_labels));
  const auto trials = static_cast<double>(std::max<std::size_t>(values.extent(0), 1));
  double top = frame.top;
  for (const TasteRates& taste : rates.tastes) {
    const double height = frame.height * static_cast<double>(taste.counts.extent(0)) / trials;
    picture.area({frame.right() + 2.0, top, strip_px, height}, taste_colour(taste.index));
    top += height;
  }
}

/// Mean over trials of one taste, (unit, bin); bins without a rate are NaN.
Array<float, 2> mean_by_unit(const RegionRates& rates, const TasteRates& taste, Rate kind) {
  const std::size_t bins = taste.time_ms.size();
  Array<float, 2> means({rates.units.size(), bins}, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    const std::vector<float> mean = kind == Rate::counted  ? trial_mean(binned_rate_hz(rates, taste, unit))
                                    : kind == Rate::boxcar ? trial_mean(taste.boxcar_rate_hz, unit)
                                                           : trial_mean(taste.rnn_rate_hz, unit);
    if (!mean.empty()) std::copy(mean.begin(), mean.end(), &means(unit, bins - mean.size()));
  }
  return means;
}

/// Each unit less the mean of `reference`, over its standard deviation, both over all tastes and bins.
void z_score(std::vector<Array<float, 2>>& tastes, const std::vector<Array<float, 2>>& reference) {
  for (std::size_t unit = 0; unit < tastes.front().extent(0); ++unit) {
    Moments moments;
    for (const Array<float, 2>& taste : reference) {
      for (std::size_t bin = 0; bin < taste.extent(1); ++bin) {
        moments.add(static_cast<double>(taste(unit, bin)));
      }
    }
    const double mean = moments.mean(), deviation = std::sqrt(moments.variance());
    for (Array<float, 2>& taste : tastes) {
      for (std::size_t bin = 0; bin < taste.extent(1); ++bin) {
        const double z = deviation > 1e-9 ? (static_cast<double>(taste(unit, bin)) - mean) / deviation : 0.0;
        taste(unit, bin) = std::isfinite(taste(unit, bin)) ? static_cast<float>(z) : taste(unit, bin);
      }
    }
  }
}

Array<float, 2> in_order(const Array<float, 2>& rows, const std::vector<std::size_t>& order) {
  Array<float, 2> result(rows.shape());
  for (std::size_t row = 0; row < order.size(); ++row)
    std::copy_n(&rows(order[row], 0), rows.extent(1), &result(row, 0));
  return result;
}

struct MeanRow {
  std::string label;
  std::vector<Array<float, 2>> tastes;
  ColourScale scale;
  std::string unit;
};

std::vector<MeanRow> mean_rows(const RegionRates& rates) {
  std::array<std::vector<Array<float, 2>>, 3> of_kind;
  for (const TasteRates& taste : rates.tastes) {
    for (const Rate kind : {Rate::counted, Rate::boxcar, Rate::rnn})
      of_kind[static_cast<std::size_t>(kind)].push_back(mean_by_unit(rates, taste, kind));
  }
  const std::vector<std::size_t> order = units_by_peak(rates);
  for (auto& tastes : of_kind) {
    for (Array<float, 2>& taste : tastes) taste = in_order(taste, order);
  }
  const auto& [binned, smoothed, inferred] = of_kind;
  std::vector<float> flat;
  for (const Array<float, 2>& taste : binned)
    flat.insert(flat.end(), taste.values().begin(), taste.values().end());
  // By the deviation of its own, smooth rates of a unit that does not respond would fill the scale, too.
  std::vector<Array<float, 2>> binned_z = binned, inferred_z = inferred;
  z_score(binned_z, smoothed);
  z_score(inferred_z, smoothed);
  const ColourScale rate = scale_of(flat, 0.95);
  ColourScale z = ColourScale::diverging(3.0);
  Extent z_scores;
  for (const auto* tastes : {&binned_z, &inferred_z}) {
    for (const Array<float, 2>& taste : *tastes) z_scores.include(taste.values());
  }
  if (!z_scores.empty()) z.drawing(z_scores.low(), z_scores.high());
  return {{"binned", binned, rate, "Hz"},
          {"inferred", inferred, rate, "Hz"},
          {"binned, z-scored", binned_z, z, "z"},
          {"inferred, z-scored", inferred_z, z, "z"}};
}

void draw_mean_row(Picture& picture, const RegionRates& rates, const PanelGrid& grid, std::size_t index,
                   const MeanRow& row) {
  add_row_label(picture, grid, index, index == 0 ? "units, by peak" : "units");
  for (std::size_t column = 0; column < grid.columns; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const Rect frame = grid.frame(column, index);
    const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, index + 1 == grid.rows);
    picture.add(heat_panel(frame, time, {row.tastes[column], taste.time_ms.front(), rates.bin_ms, 0.0},
                           row.scale, false));
    if (index == 0) {
      Rect above = frame;
      above.top -= 20.0;
      add_condition_title(picture, above, taste);
    }
    if (column == 0) {
      Rect whole = frame;
      whole.width = grid.frame(grid.columns - 1, index).right() - frame.left;
      add_panel_name(picture, whole, row.label);
    }
  }
  add_colour_bar(picture, grid.frame(grid.columns - 1, index), row.scale, row.unit);
}

Heading overview_heading(const RegionRates& rates) {
  return {"Binned spikes (grey) and inferred rates (colour), trials by time",
          place(rates) + "; each panel on a scale of its own, which 1% of its rates are above",
          taste_legend(rates)};
}

constexpr double pair_gap_px = 10.0;

PanelGrid overview_grid(const RegionRates& rates, const Paper& paper) {
  PanelGrid grid{.panel_height_px = 118.0, .gap_x_px = 26.0, .gap_y_px = 30.0};
  grid.columns = grid.columns_that_fit(paper, 230.0, rates.units.size());
  const Heading heading = overview_heading(rates);
  grid.fit(paper, heading);
  grid.rows =
      std::min(grid.rows_that_fit(paper, heading), (rates.units.size() + grid.columns - 1) / grid.columns);
  return grid;
}

}  // namespace

std::size_t overview_pages(const RegionRates& rates, const Paper& paper) {
  const PanelGrid grid = overview_grid(rates, paper);
  return (rates.units.size() + grid.columns * grid.rows - 1) / (grid.columns * grid.rows);
}

Picture overview_picture(const RegionRates& rates, const Paper& paper, std::size_t page) {
  check_shapes(rates);
  const PanelGrid grid = overview_grid(rates, paper);
  Picture picture = grid.picture(paper, overview_heading(rates));
  const std::size_t a_page = grid.columns * grid.rows, before = page * a_page;
  const std::size_t units = std::min(rates.units.size() - before, a_page);
  for (std::size_t row = 0; row * grid.columns < units; ++row) add_row_label(picture, grid, row, "trial");
  for (std::size_t i = 0; i < units; ++i) {
    const std::size_t unit = before + i;
    const Rect whole = grid.frame(i);
    const bool last = i + grid.columns >= units, first = i % grid.columns == 0;
    const Array<float, 2> rnn = all_trials(rates, unit, Rate::rnn);
    const ColourScale scale = scale_of(rnn.values(), 0.99);
    Rect frame = whole;
    frame.width = (frame.width - pair_gap_px) / 2.0;
    add_trials(picture, rates, all_trials(rates, unit, Rate::counted), frame,
               ColourScale::grey(0.0, 2000.0 / rates.bin_ms), last, first);
    frame.left += frame.width + pair_gap_px;
    add_trials(picture, rates, rnn, frame, scale, last, false);
    add_panel_name(picture, whole,
                   fmt::format("{}, inferred 0 to {:.3g} Hz", unit_title(rates, unit), scale.high()));
  }
  return picture;
}

Picture unit_heat_picture(const RegionRates& rates, const Paper& paper, std::size_t unit) {
  check_shapes(rates);
  const Heading heading{unit_place(rates, unit), place(rates), taste_legend(rates)};
  PanelGrid grid{
      .panel_height_px = 230.0, .right_px = 70.0, .titles_px = 46.0, .gap_x_px = 86.0, .gap_y_px = 60.0};
  grid.columns = grid.columns_that_fit(paper, 150.0, 3);
  grid.rows = (3 + grid.columns - 1) / grid.columns;
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  add_row_label(picture, grid, 0, "trial");
  const Array<float, 2> counted = all_trials(rates, unit, Rate::counted),
                        boxcar = all_trials(rates, unit, Rate::boxcar),
                        rnn = all_trials(rates, unit, Rate::rnn);
  std::vector<float> both(boxcar.values().begin(), boxcar.values().end());
  both.insert(both.end(), rnn.values().begin(), rnn.values().end());
  Extent counts;
  counts.include(counted.values());
  const ColourScale rate = scale_of(both, 0.995),
                    grey = ColourScale::grey(
                        0.0, std::max(2000.0 / rates.bin_ms, counts.empty() ? 0.0 : counts.high()));
  const auto add = [&](std::size_t column, const std::string& title, const Array<float, 2>& values,
                       const ColourScale& scale) {
    const Rect frame = grid.frame(column);
    add_trials(picture, rates, values, frame, scale, true, column == 0);
    add_panel_title(picture, frame, title);
    add_colour_bar(picture, frame, scale, "Hz");
  };
  add(0, "binned", counted, grey);
  add(1, fmt::format("{:g} ms boxcar", rates.boxcar_ms), boxcar, rate);
  add(2, "inferred", rnn, rate);
  return picture;
}

Picture mean_heat_picture(const RegionRates& rates, const Paper& paper, std::size_t) {
  check_shapes(rates);
  const std::vector<MeanRow> rows = mean_rows(rates);
  const Heading heading{
      "Mean rates, units by time",
      fmt::format("{}; {} units, sorted by the peak of their inferred rates; z by each unit's boxcar rate",
                  place(rates), rates.units.size()),
      {{"stimulus", {stimulus_stroke}}}};
  PanelGrid grid{.columns = rates.tastes.size(),
                 .rows = rows.size(),
                 .panel_height_px = std::clamp(5.0 * static_cast<double>(rates.units.size()), 90.0, 200.0),
                 .right_px = 70.0,
                 .titles_px = 46.0,
                 .gap_x_px = 12.0,
                 .gap_y_px = 28.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  for (std::size_t row = 0; row < rows.size(); ++row) draw_mean_row(picture, rates, grid, row, rows[row]);
  return picture;
}

}  // namespace rnn_rates::plot
