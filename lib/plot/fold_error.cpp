#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_units = 4, most_tastes = 4;
constexpr double spike_share = 0.1;  ///< of the rates' height, below them

std::vector<float> band_of(const TasteRates& taste, std::size_t unit) {
  const auto rate = trial_values(taste.rnn_rate_hz, 0, unit),
             error = trial_values(taste.standard_error_hz, 0, unit);
  std::vector<float> band;
  for (std::size_t bin = 0; bin < rate.size(); ++bin) {
    const float factor =
        std::exp(error[bin] / rate[bin]);  // The error is that of the log rate, times the rate.
    band.insert(band.end(),
                {static_cast<float>(taste.rnn_time_ms[bin]), rate[bin] / factor, rate[bin] * factor});
  }
  return band;
}

Axis unit_axis(const std::vector<const TasteRates*>& tastes, std::size_t unit) {
  Extent extent;
  for (const TasteRates* taste : tastes) {
    const std::vector<float> band = band_of(*taste, unit);
    for (std::size_t i = 0; i + 2 < band.size(); i += 3) {
      extent.include(static_cast<double>(band[i + 1]));
      extent.include(static_cast<double>(band[i + 2]));
    }
    if (taste->out_of_fold_hz.size() > 0) extent.include(trial_values(taste->out_of_fold_hz, 0, unit));
  }
  Axis axis = rate_axis(extent, 5);
  axis.first -= spike_share * (axis.last - axis.first);
  return axis;
}

Panel trial_panel(const TasteRates& taste, std::size_t unit, const Rect& frame, const Axis& time,
                  const Axis& rate) {
  const double spike_height = 0.8 * spike_share * (rate.last - rate.first);
  std::vector<float> spikes;
  append_spikes(spikes, taste, 0, unit, rate.first + spike_height / 2.0);
  const Colour colour = taste_colour(taste.index);
  Panel panel(frame, time, rate);
  panel.vertical(0.0, stimulus_stroke);
  panel.band(band_of(taste, unit), colour, 0.25);
  panel.spikes(spikes, spike_height, {quiet_ink, 1.1});
  panel.lines(curve(taste.rnn_time_ms, trial_values(taste.rnn_rate_hz, 0, unit)), {colour, 2.2});
  if (taste.out_of_fold_hz.size() > 0) {
    panel.lines(curve(taste.rnn_time_ms, trial_values(taste.out_of_fold_hz, 0, unit)),
                {mixed(colour, 0x000000, 0.5), 1.1, 1.0, true});
  }
  return panel;
}

}  // namespace

bool has_fold_error(const RegionRates& rates) {
  return std::any_of(rates.tastes.begin(), rates.tastes.end(),
                     [](const TasteRates& taste) { return taste.standard_error_hz.size() > 0; });
}

Picture fold_error_picture(const RegionRates& rates) {
  check_shapes(rates);
  std::vector<const TasteRates*> tastes;
  for (const TasteRates& taste : rates.tastes) {
    if (taste.standard_error_hz.size() > 0 && tastes.size() < most_tastes) tastes.push_back(&taste);
  }
  if (tastes.empty()) throw Error(ErrorKind::bug, "no standard errors over folds to draw");
  const std::vector<std::size_t> units = most_varying_units(rates, most_units);
  const PanelGrid grid{.columns = tastes.size(),
                       .rows = units.size(),
                       .panel_width_px = tastes.size() == 1 ? 560.0 : 270.0,
                       .panel_height_px = 130.0,
                       .top_px = 108.0,
                       .gap_x_px = 18.0,
                       .gap_y_px = 18.0};
  Picture picture = grid.picture();
  add_titles(picture, grid, "Rates of single trials and their standard error", place(rates),
             {{"inferred", {{quiet_ink, 2.2}}},
              {"± standard error", {{quiet_ink, 8.0, 0.25}}},
              {"network that had not seen the trial", {{ink, 1.1, 1.0, true}}},
              {"stimulus", {stimulus_stroke}}});
  for (std::size_t row = 0; row < grid.rows; ++row) {
    Axis rate = unit_axis(tastes, units[row]);
    add_row_label(picture, grid, row, rates.units[units[row]] + " (Hz)");
    for (std::size_t column = 0; column < grid.columns; ++column) {
      const TasteRates& taste = *tastes[column];
      const Rect frame = grid.frame(column, row);
      const Axis time = time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows);
      rate.labels = column == 0;
      picture.add(trial_panel(taste, units[row], frame, time, rate));
      if (row == 0) add_panel_title(picture, frame, taste.taste + ", trial 1", taste_colour(taste.index));
    }
  }
  return picture;
}

}  // namespace rnn_rates::plot
