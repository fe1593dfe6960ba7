#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double spike_share = 0.09;  ///< of the rates' height, below them
constexpr Stroke true_stroke{ink, 1.3}, boxcar_stroke{0xB0B0B0, 1.4};
constexpr double rnn_width_px = 3.0;

/// Rates of a unit in the chosen trials, with space for spikes below.
Axis row_axis(const RegionRates& rates, std::size_t unit, std::span<const TasteTrial> trials) {
  Extent extent;
  for (const TasteTrial& chosen : trials) {
    const TasteRates& taste = rates.tastes[chosen.taste];
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.true_rate_hz, &taste.rnn_rate_hz}) {
      extent.include(trial_values(*rate_hz, chosen.trial, unit));
    }
  }
  Axis axis = rate_axis(extent, 5);
  axis.first -= 2.0 * spike_share * (axis.last - axis.first);
  axis.ticks.erase(axis.ticks.begin(), std::find_if(axis.ticks.begin(), axis.ticks.end(),
                                                    [](double tick) { return tick >= 0.0; }));
  return axis;
}

Panel trial_panel(const RegionRates& rates, std::size_t unit, const TasteTrial& chosen, const Rect& frame,
                  const Axis& time, const Axis& rate) {
  const TasteRates& taste = rates.tastes[chosen.taste];
  const double spike_height = spike_share * (rate.last - rate.first);
  std::vector<float> spikes;
  append_spikes(spikes, taste, chosen.trial, unit, rate.first + 0.8 * spike_height);
  Panel panel(frame, time, rate);
  panel.vertical(0.0, stimulus_stroke);
  panel.spikes(spikes, spike_height, {quiet_ink, 1.0});
  panel.lines(curve(taste.time_ms, trial_values(taste.boxcar_rate_hz, chosen.trial, unit)), boxcar_stroke);
  panel.lines(curve(taste.rnn_time_ms, trial_values(taste.rnn_rate_hz, chosen.trial, unit)),
              {taste_colour(rates.tastes[chosen.taste].index), rnn_width_px});
  panel.lines(curve(taste.time_ms, trial_values(taste.true_rate_hz, chosen.trial, unit)), true_stroke);
  return panel;
}

void check_choice(const RegionRates& rates, std::span<const std::size_t> units,
                  std::span<const TasteTrial> trials) {
  check_shapes(rates);
  if (units.empty() || trials.empty()) throw Error(ErrorKind::bug, "no units or no trials to draw");
  for (const std::size_t unit : units) {
    if (unit >= rates.units.size()) throw Error(ErrorKind::bug, "there is no unit {}", unit);
  }
  for (const TasteTrial& chosen : trials) {
    if (chosen.taste >= rates.tastes.size() ||
        chosen.trial >= rates.tastes[chosen.taste].true_rate_hz.extent(0)) {
      throw Error(ErrorKind::bug, "there are no true rates of taste {}, trial {}", chosen.taste,
                  chosen.trial);
    }
  }
}

std::vector<LegendEntry> legend_of(const RegionRates& rates, std::span<const TasteTrial> trials) {
  std::vector<Stroke> rnn_strokes;
  for (const TasteTrial& chosen : trials) {
    const Colour colour = taste_colour(rates.tastes[chosen.taste].index);
    const bool known = std::any_of(rnn_strokes.begin(), rnn_strokes.end(),
                                   [&](const Stroke& stroke) { return stroke.colour == colour; });
    if (!known) rnn_strokes.push_back({colour, rnn_width_px});
  }
  return {{"true rate", {true_stroke}},
          {"inferred", rnn_strokes},
          {fmt::format("{:g} ms boxcar", rates.boxcar_ms), {boxcar_stroke}},
          {"stimulus", {stimulus_stroke}}};
}

}  // namespace

Picture true_rates_picture(const RegionRates& rates, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note) {
  check_choice(rates, units, trials);
  const PanelGrid grid{.columns = trials.size(),
                       .rows = units.size(),
                       .panel_width_px = 262.0,
                       .panel_height_px = 146.0,
                       .left_px = 76.0,
                       .top_px = 108.0,
                       .gap_x_px = 16.0,
                       .gap_y_px = 16.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "True and estimated rates of single trials",
             place(rates) + (note.empty() ? "" : ", ") + note, legend_of(rates, trials));
  for (std::size_t row = 0; row < grid.rows; ++row) {
    Axis rate = row_axis(rates, units[row], trials);
    add_row_label(picture, grid, row, rates.units[units[row]] + " (Hz)");
    for (std::size_t column = 0; column < grid.columns; ++column) {
      const TasteRates& taste = rates.tastes[trials[column].taste];
      const Rect frame = grid.frame(column, row);
      if (row == 0) {
        add_panel_title(picture, frame, fmt::format("{}, trial {}", taste.taste, trials[column].trial + 1),
                        taste_colour(taste.index));
      }
      const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows);
      rate.labels = column == 0;
      picture.add(trial_panel(rates, units[row], trials[column], frame, time, rate));
    }
  }
  return picture;
}

std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most) {
  std::vector<double> variance;
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    Moments moments;
    for (const TasteRates& taste : rates.tastes) {
      for (std::size_t trial = 0; trial < taste.true_rate_hz.extent(0); ++trial)
        moments.add(trial_values(taste.true_rate_hz, trial, unit));
    }
    variance.push_back(moments.variance());
  }
  return largest(variance, most);
}

}  // namespace rnn_rates::plot
