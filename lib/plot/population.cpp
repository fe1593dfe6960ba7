#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

Panel raster(const RegionRates& rates, const TasteRates& taste, std::size_t trial,
             const std::vector<std::size_t>& order, const Rect& frame) {
  Axis units = row_axis(order.size());
  units.ticks.clear();  // They would be ranks, not numbers of units.
  Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, false), units);
  panel.vertical(0.0, stimulus_stroke);
  std::vector<float> spikes;
  for (std::size_t row = 0; row < order.size(); ++row)
    append_spikes(spikes, taste, trial, order[row], static_cast<double>(row + 1));
  panel.spikes(spikes, spike_height(order.size(), frame.height), {ink, spike_width_px});
  return panel;
}

/// Inferred rates of a trial, (unit in `order`, bin), by the mean and standard deviation of each unit's
/// boxcar rates.
Array<float, 2> z_scores(const RegionRates& rates, const TasteRates& taste, std::size_t trial,
                         const std::vector<std::size_t>& order) {
  Array<float, 2> z({order.size(), taste.rnn_time_ms.size()});
  for (std::size_t row = 0; row < order.size(); ++row) {
    Moments moments;
    for (const TasteRates& each : rates.tastes) moments.add(each.boxcar_rate_hz, order[row]);
    const double deviation = std::max(std::sqrt(moments.variance()), 1e-6);
    for (std::size_t bin = 0; bin < z.extent(1); ++bin) {
      const double rate_hz = static_cast<double>(taste.rnn_rate_hz(trial, order[row], bin));
      z(row, bin) = static_cast<float>((rate_hz - moments.mean()) / deviation);
    }
  }
  return z;
}

Stroke axis_stroke(std::size_t axis) {
  return {mixed(ink, 0xFFFFFF, 0.22 * static_cast<double>(axis)), 1.8 - 0.3 * static_cast<double>(axis)};
}

Panel latents(const RegionRates& rates, const TasteRates& taste, std::size_t trial, const Rect& frame) {
  Extent extent;
  for (std::size_t axis = 0; axis < taste.latent_axes.extent(1); ++axis)
    extent.include(trial_values(taste.latent_axes, trial, axis));
  Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms), linear_axis(extent, 4));
  panel.vertical(0.0, stimulus_stroke);
  for (std::size_t axis = taste.latent_axes.extent(1); axis-- > 0;)
    panel.lines(curve(taste.rnn_time_ms, trial_values(taste.latent_axes, trial, axis)), axis_stroke(axis));
  return panel;
}

}  // namespace

Picture population_picture(const RegionRates& rates, const Paper& paper, const TasteTrial& chosen) {
  check_shapes(rates);
  if (chosen.taste >= rates.tastes.size() || chosen.trial >= rates.tastes[chosen.taste].trials())
    throw Error(ErrorKind::bug, "there is no trial {} of taste {}", chosen.trial, chosen.taste);
  const TasteRates& taste = rates.tastes[chosen.taste];
  const bool has_axes = taste.latent_axes.size() > 0;
  Heading heading{
      fmt::format("{}, trial {}", taste.taste, taste.number(chosen.trial)),
      fmt::format(
          "{}; {} units, sorted by the peak of their mean inferred rates; z by each unit's boxcar rates",
          place(rates), rates.units.size()),
      {}};
  for (std::size_t axis = 0; axis < taste.axis_shares.size(); ++axis) {
    heading.legend.push_back(
        {fmt::format("axis {}, {:.0f}% of variance", axis + 1, 100.0 * taste.axis_shares[axis]),
         {axis_stroke(axis)}});
  }
  heading.legend.push_back({"stimulus", {stimulus_stroke}});
  PanelGrid grid{.rows = has_axes ? std::size_t{3} : std::size_t{2},
                 .panel_height_px = std::clamp(5.0 * static_cast<double>(rates.units.size()), 120.0, 300.0),
                 .right_px = 66.0,
                 .titles_px = 14.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  const std::vector<std::size_t> order = units_by_peak(rates);
  picture.add(raster(rates, taste, chosen.trial, order, grid.frame(0)));
  const Array<float, 2> z = z_scores(rates, taste, chosen.trial, order);
  ColourScale scale = ColourScale::diverging(3.0);
  Extent drawn;
  drawn.include(z.values());
  if (!drawn.empty()) scale.drawing(drawn.low(), drawn.high());
  const Rect middle = grid.frame(1);
  picture.add(heat_panel(middle, time_axis(middle, taste.time_ms, rates.bin_ms, !has_axes),
                         {z, taste.rnn_time_ms.front(), rates.bin_ms}, scale, false));
  add_colour_bar(picture, middle, scale, "z");
  if (has_axes) picture.add(latents(rates, taste, chosen.trial, grid.frame(2)));
  add_row_label(picture, grid, 0, rates.spike_times ? "units, by peak" : "units (spikes by bin)");
  add_row_label(picture, grid, 1, "inferred, units by peak");
  if (has_axes) add_row_label(picture, grid, 2, "latent axes");
  return picture;
}

}  // namespace rnn_rates::plot
