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

constexpr std::size_t most_factors = 12;

Extent most_of(const Array<float, 2>& values, double share) {
  Extent extent;
  extent.include(0.0);
  extent.include_most(values.values(), share);
  return extent;
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

/// Units in the order of the bins in which their mean over tastes is highest.
std::vector<std::size_t> by_peak(const std::vector<Array<float, 2>>& tastes) {
  std::vector<std::size_t> peak;
  for (std::size_t unit = 0; unit < tastes.front().extent(0); ++unit) {
    std::size_t highest = 0;
    double most = -1.0;
    for (std::size_t bin = 0; bin < tastes.front().extent(1); ++bin) {
      Moments moments;
      for (const Array<float, 2>& taste : tastes) moments.add(static_cast<double>(taste(unit, bin)));
      if (moments.mean() > most) most = moments.mean(), highest = bin;
    }
    peak.push_back(highest);
  }
  std::vector<std::size_t> order(peak.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return peak[a] < peak[b]; });
  return order;
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
  const std::vector<std::size_t> order = by_peak(of_kind[static_cast<std::size_t>(Rate::rnn)]);
  for (auto& tastes : of_kind) {
    for (Array<float, 2>& taste : tastes) taste = in_order(taste, order);
  }
  const auto& [binned, smoothed, inferred] = of_kind;
  std::vector<float> flat;
  for (const Array<float, 2>& taste : binned)
    flat.insert(flat.end(), taste.values().begin(), taste.values().end());
  Extent extent;
  extent.include(0.0);
  extent.include_most(flat, 0.98);
  // By the deviation of its own, smooth rates of a unit that does not respond would fill the scale, too.
  std::vector<Array<float, 2>> binned_z = binned, inferred_z = inferred;
  z_score(binned_z, smoothed);
  z_score(inferred_z, smoothed);
  const ColourScale rate = ColourScale::sequential(0.0, extent.high()), z = ColourScale::diverging(3.0);
  return {{"binned", binned, rate, "Hz"},
          {"inferred", inferred, rate, "Hz"},
          {"binned, z-scored", binned_z, z, "z"},
          {"inferred, z-scored", inferred_z, z, "z"}};
}

void draw_mean_row(Picture& picture, const RegionRates& rates, const PanelGrid& grid, std::size_t index,
                   const MeanRow& row) {
  add_row_label(picture, grid, index, "unit, by peak");
  for (std::size_t column = 0; column < grid.columns; ++column) {
    const TasteRates& taste = rates.tastes[column];
    const Rect frame = grid.frame(column, index);
    const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, index + 1 == grid.rows);
    picture.add(heat_panel(frame, time, {row.tastes[column], taste.time_ms.front(), rates.bin_ms, 0.0},
                           row.scale, false));
    add_panel_name(picture, frame, taste.taste + ", " + row.label, taste_colour(taste.index));
  }
  add_colour_bar(picture, grid.frame(grid.columns - 1, index), row.scale, row.unit);
}

}  // namespace

Picture overview_picture(const RegionRates& rates) {
  check_shapes(rates);
  constexpr double pair_gap_px = 12.0;
  const std::size_t units = rates.units.size();
  PanelGrid grid{.panel_width_px = 2.0 * 110.0 + pair_gap_px, .panel_height_px = 120.0, .gap_x_px = 30.0};
  grid.arrange(units, 1.6);
  Picture picture = grid.picture();
  add_titles(picture, grid, "Binned spikes (grey) and inferred rates (colour), trials by time",
             place(rates) + ", each panel on its own scale", taste_legend(rates));
  add_row_label(picture, grid, grid.rows / 2, "trial");
  for (std::size_t unit = 0; unit < units; ++unit) {
    const Rect whole = grid.frame(unit);
    const bool last = unit + grid.columns >= units, first = unit % grid.columns == 0;
    const Array<float, 2> counted = all_trials(rates, unit, Rate::counted),
                          rnn = all_trials(rates, unit, Rate::rnn);
    const Extent rate = most_of(rnn, 0.99);
    Rect frame = whole;
    frame.width = (frame.width - pair_gap_px) / 2.0;
    add_trials(picture, rates, counted, frame, ColourScale::grey(0.0, 2000.0 / rates.bin_ms), last, first);
    frame.left += frame.width + pair_gap_px;
    add_trials(picture, rates, rnn, frame, ColourScale::sequential(0.0, rate.high()), last, false);
    add_panel_name(picture, whole,
                   fmt::format("{}, inferred 0 to {:.3g} Hz", unit_title(rates, unit), rate.high()));
  }
  return picture;
}

Picture unit_heat_picture(const RegionRates& rates, std::size_t unit) {
  check_shapes(rates);
  const PanelGrid grid{.columns = 3,
                       .panel_width_px = 330.0,
                       .panel_height_px = 330.0,
                       .right_px = 76.0,
                       .top_px = 110.0,
                       .gap_x_px = 92.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, unit_place(rates, unit), rates.session, taste_legend(rates));
  add_row_label(picture, grid, 0, "trial");
  const Array<float, 2> counted = all_trials(rates, unit, Rate::counted),
                        boxcar = all_trials(rates, unit, Rate::boxcar),
                        rnn = all_trials(rates, unit, Rate::rnn);
  const double high = std::max(most_of(boxcar, 0.995).high(), most_of(rnn, 0.995).high());
  const double most_counted = std::max(2000.0 / rates.bin_ms, most_of(counted, 1.0).high());
  const ColourScale grey = ColourScale::grey(0.0, most_counted), rate = ColourScale::sequential(0.0, high);
  const auto add = [&](std::size_t column, const std::string& title, const Array<float, 2>& values,
                       const ColourScale& scale) {
    const Rect frame = grid.frame(column);
    add_trials(picture, rates, values, frame, scale, true, true);
    add_panel_title(picture, frame, title);
    add_colour_bar(picture, frame, scale, "Hz");
  };
  add(0, "binned", counted, grey);
  add(1, fmt::format("{:g} ms boxcar", rates.boxcar_ms), boxcar, rate);
  add(2, "inferred", rnn, rate);
  return picture;
}

Picture mean_heat_picture(const RegionRates& rates) {
  check_shapes(rates);
  const std::vector<MeanRow> rows = mean_rows(rates);
  const auto tastes = static_cast<double>(rates.tastes.size()),
             units = static_cast<double>(rates.units.size());
  const PanelGrid grid{.columns = rates.tastes.size(),
                       .rows = rows.size(),
                       .panel_width_px = std::max(220.0, 380.0 - 40.0 * tastes),
                       .panel_height_px = std::clamp(5.0 * units, 90.0, 260.0),
                       .right_px = 70.0,
                       .gap_x_px = 20.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "Mean rates, units by time",
             place(rates) + "; the highest 2% cut; z by each unit's boxcar rate",
             {{"stimulus", {stimulus_stroke}}});
  for (std::size_t row = 0; row < rows.size(); ++row) draw_mean_row(picture, rates, grid, row, rows[row]);
  return picture;
}

Picture latents_picture(const RegionRates& rates) {
  check_shapes(rates);
  std::size_t factors = 1;
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    if (taste.latents.size() == 0) throw Error(ErrorKind::bug, "no latents of {} to draw", taste.taste);
    factors = std::clamp(taste.latents.extent(1), factors, most_factors);
    extent.include_most(taste.latents.values(), 0.99);
  }
  const PanelGrid grid{.columns = factors,
                       .rows = rates.tastes.size(),
                       .panel_width_px = factors <= 2   ? 320.0
                                         : factors <= 5 ? 220.0
                                                        : 130.0,
                       .panel_height_px = 130.0,
                       .right_px = 70.0,
                       .gap_x_px = 14.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "Latent factors, trials by time", place(rates),
             {{"stimulus", {stimulus_stroke}}});
  const ColourScale scale = ColourScale::diverging(std::max(std::abs(extent.low()), std::abs(extent.high())));
  for (std::size_t row = 0; row < grid.rows; ++row) {
    const TasteRates& taste = rates.tastes[row];
    add_row_label(picture, grid, row, "trial");
    for (std::size_t factor = 0; factor < std::min(factors, taste.latents.extent(1)); ++factor) {
      const Rect frame = grid.frame(factor, row);
      const Axis time = time_axis(frame, taste.rnn_time_ms, rates.bin_ms, row + 1 == grid.rows);
      const Array<float, 2> values = unit_values(taste.latents, factor);
      picture.add(
          heat_panel(frame, time, {values, taste.rnn_time_ms.front(), rates.bin_ms}, scale, factor == 0));
      add_panel_name(picture, frame,
                     fmt::format("{}factor {}", factor == 0 ? taste.taste + ", " : "", factor + 1),
                     factor == 0 ? taste_colour(taste.index) : quiet_ink);
    }
    add_colour_bar(picture, grid.frame(factors - 1, row), scale);
  }
  return picture;
}

}  // namespace rnn_rates::plot
