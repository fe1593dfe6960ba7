#include "plot/true_rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double left_px = 76.0, right_px = 20.0, top_px = 92.0, bottom_px = 54.0;
constexpr double column_px = 262.0, row_px = 146.0, column_gap_px = 16.0, row_gap_px = 16.0;
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
  for (std::size_t bin = 0; bin < taste.time_ms.size(); ++bin) {
    if (taste.counts(chosen.trial, unit, bin) == 0) continue;
    spikes.push_back(static_cast<float>(taste.time_ms[bin]));
    spikes.push_back(static_cast<float>(rate.first + 0.8 * spike_height));
  }
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

void add_titles(Picture& picture, const RegionRates& rates, std::span<const TasteTrial> trials,
                const std::string& note) {
  std::vector<Stroke> rnn_strokes;
  for (const TasteTrial& chosen : trials) {
    const Colour colour = taste_colour(rates.tastes[chosen.taste].index);
    const bool known = std::any_of(rnn_strokes.begin(), rnn_strokes.end(),
                                   [&](const Stroke& stroke) { return stroke.colour == colour; });
    if (!known) rnn_strokes.push_back({colour, rnn_width_px});
  }
  const std::vector<LegendEntry> entries{{"true rate", {true_stroke}},
                                         {"inferred", rnn_strokes},
                                         {fmt::format("{:g} ms boxcar", rates.boxcar_ms), {boxcar_stroke}},
                                         {"stimulus", {stimulus_stroke}}};
  const double right = picture.width_px() - right_px;
  const double width_px = right - left_px;
  const std::string subtitle =
      fmt::format("{}, region {}{}{}", rates.session, rates.region, note.empty() ? "" : ", ", note);
  picture.text(left_px, 22.0, elided("True and estimated rates of single trials", 17.0, width_px),
               {.size_px = 17.0});
  picture.text(left_px, 44.0, elided(subtitle, 12.0, width_px - Picture::legend_width_px(entries) - 24.0),
               {.colour = quiet_ink});
  picture.legend(right, 44.0, entries);
  picture.text((left_px + right) / 2.0, picture.height_px() - 14.0, "time from stimulus (ms)",
               {.align = Align::centre});
}

}  // namespace

Picture true_rates_picture(const RegionRates& rates, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note) {
  check_choice(rates, units, trials);
  const auto columns = static_cast<double>(trials.size()), rows = static_cast<double>(units.size());
  Picture picture(left_px + columns * (column_px + column_gap_px) - column_gap_px + right_px,
                  top_px + rows * (row_px + row_gap_px) - row_gap_px + bottom_px);
  add_titles(picture, rates, trials, note);
  for (std::size_t row = 0; row < units.size(); ++row) {
    Axis rate = row_axis(rates, units[row], trials);
    const double top = top_px + static_cast<double>(row) * (row_px + row_gap_px);
    picture.text(18.0, top + row_px / 2.0, elided(rates.units[units[row]] + " (Hz)", 12.0, row_px),
                 {.align = Align::centre, .upright = true});
    for (std::size_t column = 0; column < trials.size(); ++column) {
      const TasteRates& taste = rates.tastes[trials[column].taste];
      const double left = left_px + static_cast<double>(column) * (column_px + column_gap_px);
      if (row == 0) {
        picture.text(
            left + column_px / 2.0, top_px - 13.0,
            elided(fmt::format("{}, trial {}", taste.taste, trials[column].trial + 1), 13.0, column_px),
            {.size_px = 13.0, .colour = taste_colour(taste.index), .align = Align::centre});
      }
      Axis time = time_axis(taste.time_ms, rates.bin_ms, 7);
      time.labels = row + 1 == units.size();
      rate.labels = column == 0;
      picture.add(trial_panel(rates, units[row], trials[column], {left, top, column_px, row_px}, time, rate));
    }
  }
  return picture;
}

std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most) {
  std::vector<double> variance(rates.units.size());
  for (std::size_t unit = 0; unit < variance.size(); ++unit) {
    double count = 0.0, sum = 0.0, squares = 0.0;
    for (const TasteRates& taste : rates.tastes) {
      for (std::size_t trial = 0; trial < taste.true_rate_hz.extent(0); ++trial) {
        for (const float value : trial_values(taste.true_rate_hz, trial, unit)) {
          count += 1.0;
          sum += static_cast<double>(value);
          squares += static_cast<double>(value) * static_cast<double>(value);
        }
      }
    }
    variance[unit] = count > 0.0 ? squares / count - (sum / count) * (sum / count) : 0.0;
  }
  std::vector<std::size_t> units(variance.size());
  std::iota(units.begin(), units.end(), std::size_t{0});
  std::stable_sort(units.begin(), units.end(),
                   [&](std::size_t a, std::size_t b) { return variance[a] > variance[b]; });
  units.resize(std::min(most, units.size()));
  std::sort(units.begin(), units.end());
  return units;
}

}  // namespace rnn_rates::plot
