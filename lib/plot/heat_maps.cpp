#include "plot/heat_maps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_factors = 12;

Extent most_of(const Array<float, 2>& values, double share) {
  Extent extent;
  extent.include(0.0);
  extent.include_most(values.values(), share);
  return extent;
}

std::string where(const RegionRates& rates) {
  return fmt::format("{}, region {}", rates.session, rates.region);
}

/// Mean over trials of one taste, (unit, bin); bins without a rate are NaN.
Array<float, 2> mean_by_unit(const RegionRates& rates, const TasteRates& taste, bool rnn) {
  const std::size_t bins = taste.time_ms.size();
  Array<float, 2> means({rates.units.size(), bins}, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    const std::vector<float> mean =
        rnn ? trial_mean(taste.rnn_rate_hz, unit) : trial_mean(taste.counts, unit, 1000.0 / rates.bin_ms);
    if (!mean.empty()) std::copy(mean.begin(), mean.end(), &means(unit, bins - mean.size()));
  }
  return means;
}

/// Each unit less its mean, over its standard deviation, both over all tastes and bins.
void z_score(std::vector<Array<float, 2>>& tastes) {
  for (std::size_t unit = 0; unit < tastes.front().extent(0); ++unit) {
    double count = 0.0, sum = 0.0, squares = 0.0;
    for (const Array<float, 2>& taste : tastes) {
      for (std::size_t bin = 0; bin < taste.extent(1); ++bin) {
        const auto value = static_cast<double>(taste(unit, bin));
        if (!std::isfinite(value)) continue;
        count += 1.0;
        sum += value;
        squares += value * value;
      }
    }
    const double mean = sum / std::max(count, 1.0);
    const double deviation = std::sqrt(std::max(squares / std::max(count, 1.0) - mean * mean, 0.0));
    for (Array<float, 2>& taste : tastes) {
      for (std::size_t bin = 0; bin < taste.extent(1); ++bin) {
        const double z = deviation > 1e-9 ? (static_cast<double>(taste(unit, bin)) - mean) / deviation : 0.0;
        taste(unit, bin) = std::isfinite(taste(unit, bin)) ? static_cast<float>(z) : taste(unit, bin);
      }
    }
  }
}

struct MeanRow {
  std::string label;
  std::vector<Array<float, 2>> tastes;
  ColourScale scale;
  std::string unit;
};

std::vector<MeanRow> mean_rows(const RegionRates& rates) {
  std::array<std::vector<Array<float, 2>>, 2> means;
  for (const TasteRates& taste : rates.tastes) {
    for (const bool rnn : {false, true}) means[rnn].push_back(mean_by_unit(rates, taste, rnn));
  }
  std::vector<float> flat;
  for (const Array<float, 2>& taste : means[0])
    flat.insert(flat.end(), taste.values().begin(), taste.values().end());
  Extent extent;
  extent.include(0.0);
  extent.include_most(flat, 0.98);
  std::array<std::vector<Array<float, 2>>, 2> scores = means;
  for (auto& tastes : scores) z_score(tastes);
  const ColourScale rate = ColourScale::sequential(0.0, extent.high()), z = ColourScale::diverging(3.0);
  return {{"binned", means[0], rate, "Hz"},
          {"inferred", means[1], rate, "Hz"},
          {"binned, z-scored", scores[0], z, "z"},
          {"inferred, z-scored", scores[1], z, "z"}};
}

void draw_mean_row(Picture& picture, const RegionRates& rates, const PanelGrid& grid, std::size_t index,
                   const MeanRow& row) {
  const auto units = static_cast<double>(rates.units.size());
  const TimeSteps steps = time_steps(rates);
  add_row_label(picture, grid, index, "unit");
  for (std::size_t taste = 0; taste < rates.tastes.size(); ++taste) {
    const Rect frame = grid.frame(taste, index);
    Axis time =
        time_axis(rates.tastes[taste].time_ms, rates.bin_ms, static_cast<std::size_t>(frame.width / 42.0));
    time.labels = index + 1 == grid.rows;
    Axis unit{units - 0.5, -0.5, round_ticks(0.0, units - 1.0, 5), taste == 0};
    if (taste > 0) unit.ticks.clear();
    Panel panel(frame, time, unit);
    panel.heat_map(row.tastes[taste], steps.first_ms, steps.step_ms, 0.0, 1.0, row.scale);
    panel.lines(std::array{0.0F, -0.5F, 0.0F, static_cast<float>(units - 0.5)}, {0x888888, 1.0, 1.0, true});
    picture.add(panel);
    const TasteRates& name = rates.tastes[taste];
    picture.text(frame.left, frame.top - 10.0,
                 elided(fmt::format("{}, {}", name.taste, row.label), 11.0, frame.width),
                 {.size_px = 11.0, .colour = taste_colour(name.index)});
  }
  const Rect last = grid.frame(rates.tastes.size() - 1, index);
  picture.colour_bar({last.right() + 16.0, last.top, 12.0, last.height}, row.scale, row.unit);
}

}  // namespace

Picture overview_picture(const RegionRates& rates) {
  check_shapes(rates);
  constexpr double pair_gap_px = 12.0;
  PanelGrid grid;
  grid.panel_width_px = 2.0 * 110.0 + pair_gap_px;
  grid.panel_height_px = 120.0;
  grid.gap_x_px = 30.0;
  grid.arrange(rates.units.size(), 1.6);
  grid.columns = std::max<std::size_t>(grid.columns, std::min<std::size_t>(rates.units.size(), 2));
  grid.arrange(rates.units.size(), 1.6);
  Picture picture = grid.picture();
  add_titles(picture, grid, "Binned spikes (grey) and inferred rates (colour), trials by time",
             where(rates) + ", each panel on its own scale", taste_legend(rates));
  add_row_label(picture, grid, grid.rows / 2, "trial");
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    Rect frame = grid.frame(unit);
    const bool last = unit + grid.columns >= rates.units.size(), first = unit % grid.columns == 0;
    const Array<float, 2> counted = all_trials(rates, unit, Rate::counted),
                          rnn = all_trials(rates, unit, Rate::rnn);
    const Extent rate = most_of(rnn, 0.99);
    frame.width = (frame.width - pair_gap_px) / 2.0;
    add_trials_heat_map(picture, rates, counted, frame, ColourScale::grey(0.0, 2000.0 / rates.bin_ms), last,
                        first);
    frame.left += frame.width + pair_gap_px;
    add_trials_heat_map(picture, rates, rnn, frame, ColourScale::sequential(0.0, rate.high()), last, false);
    picture.text(grid.frame(unit).left, frame.top - 9.0,
                 elided(fmt::format("{}, inferred 0 to {:.3g} Hz", unit_title(rates, unit), rate.high()),
                        11.0, grid.panel_width_px),
                 {.size_px = 11.0});
  }
  return picture;
}

Picture unit_heat_picture(const RegionRates& rates, std::size_t unit) {
  check_shapes(rates);
  PanelGrid grid;
  grid.columns = 3;
  grid.panel_width_px = 330.0;
  grid.panel_height_px = 330.0;
  grid.gap_x_px = 92.0;
  grid.right_px = 76.0;
  grid.top_px = 110.0;
  Picture picture = grid.picture();
  add_titles(picture, grid, fmt::format("{}, region {}", rates.units[unit], region_of_unit(rates, unit)),
             rates.session, taste_legend(rates));
  add_row_label(picture, grid, 0, "trial");
  const Array<float, 2> boxcar = all_trials(rates, unit, Rate::boxcar),
                        rnn = all_trials(rates, unit, Rate::rnn);
  const Array<float, 2> counted = all_trials(rates, unit, Rate::counted);
  const double high = std::max(most_of(boxcar, 0.995).high(), most_of(rnn, 0.995).high());
  const ColourScale rate = ColourScale::sequential(0.0, high);
  const double most_counted = std::max(2000.0 / rates.bin_ms, most_of(counted, 1.0).high());
  const std::array<std::string, 3> labels{"binned", fmt::format("{:g} ms boxcar", rates.boxcar_ms),
                                          "inferred"};
  const std::array<const Array<float, 2>*, 3> values{&counted, &boxcar, &rnn};
  for (std::size_t column = 0; column < 3; ++column) {
    const Rect frame = grid.frame(column, 0);
    const ColourScale scale = column == 0 ? ColourScale::grey(0.0, most_counted) : rate;
    add_trials_heat_map(picture, rates, *values[column], frame, scale, true, true);
    picture.text(frame.left + frame.width / 2.0, frame.top - 12.0, labels[column],
                 {.size_px = 13.0, .align = Align::centre});
    picture.colour_bar({frame.right() + 14.0, frame.top, 12.0, frame.height}, scale, "Hz");
  }
  return picture;
}

Picture mean_heat_picture(const RegionRates& rates) {
  check_shapes(rates);
  PanelGrid grid;
  grid.columns = rates.tastes.size();
  grid.rows = 4;
  grid.panel_width_px = std::max(220.0, 380.0 - 40.0 * static_cast<double>(grid.columns));
  grid.panel_height_px = std::clamp(5.0 * static_cast<double>(rates.units.size()), 90.0, 260.0);
  grid.gap_x_px = 20.0;
  grid.right_px = 70.0;
  Picture picture = grid.picture();
  add_titles(picture, grid, "Mean rates, units by time", where(rates), {{"stimulus", {stimulus_stroke}}});
  const std::vector<MeanRow> rows = mean_rows(rates);
  for (std::size_t row = 0; row < rows.size(); ++row) draw_mean_row(picture, rates, grid, row, rows[row]);
  return picture;
}

Picture latents_picture(const RegionRates& rates) {
  check_shapes(rates);
  PanelGrid grid;
  Extent extent;
  for (const TasteRates& taste : rates.tastes) {
    if (taste.latents.size() == 0) throw Error(ErrorKind::bug, "no latents of {} to draw", taste.taste);
    grid.columns = std::clamp(taste.latents.extent(1), grid.columns, most_factors);
    extent.include_most(taste.latents.values(), 0.99);
  }
  grid.rows = rates.tastes.size();
  grid.panel_width_px = grid.columns <= 2 ? 320.0 : grid.columns <= 5 ? 220.0 : 130.0;
  grid.panel_height_px = 130.0;
  grid.gap_x_px = 14.0;
  grid.right_px = 70.0;
  Picture picture = grid.picture();
  add_titles(picture, grid, "Latent factors, trials by time", where(rates),
             {{"stimulus", {stimulus_stroke}}});
  const ColourScale scale = ColourScale::diverging(std::max(std::abs(extent.low()), std::abs(extent.high())));
  for (std::size_t row = 0; row < grid.rows; ++row) {
    const TasteRates& taste = rates.tastes[row];
    const auto trials = static_cast<double>(std::max<std::size_t>(taste.latents.extent(0), 1));
    add_row_label(picture, grid, row, "trial");
    for (std::size_t factor = 0; factor < std::min(grid.columns, taste.latents.extent(1)); ++factor) {
      const Rect frame = grid.frame(factor, row);
      Array<float, 2> values({taste.latents.extent(0), taste.latents.extent(2)});
      for (std::size_t trial = 0; trial < values.extent(0); ++trial) {
        std::copy_n(&taste.latents(trial, factor, 0), values.extent(1), &values(trial, 0));
      }
      Axis time = time_axis(taste.rnn_time_ms, rates.bin_ms, static_cast<std::size_t>(frame.width / 42.0));
      time.labels = row + 1 == grid.rows;
      Axis trial{trials + 0.5, 0.5, round_ticks(1.0, trials, 5), true};
      if (factor > 0) trial.ticks.clear();
      Panel panel(frame, time, trial);
      panel.heat_map(values, taste.rnn_time_ms.front(), rates.bin_ms, 1.0, 1.0, scale);
      panel.lines(std::array{0.0F, 0.5F, 0.0F, static_cast<float>(trials + 0.5)}, {0x888888, 1.0, 1.0, true});
      picture.add(panel);
      picture.text(frame.left, frame.top - 9.0,
                   elided(factor == 0 ? fmt::format("{}, factor 1", taste.taste)
                                      : fmt::format("factor {}", factor + 1),
                          11.0, frame.width),
                   {.size_px = 11.0, .colour = factor == 0 ? taste_colour(taste.index) : quiet_ink});
    }
    const Rect last = grid.frame(grid.columns - 1, row);
    picture.colour_bar({last.right() + 16.0, last.top, 12.0, last.height}, scale, "");
  }
  return picture;
}

}  // namespace rnn_rates::plot
