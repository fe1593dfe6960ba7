#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/error.hpp"
#include "plot/layout.hpp"
#include "plot/region_figures.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::size_t most_units = 4, most_columns = 4;
constexpr double error_spikes = 0.1, truth_spikes = 0.09;  ///< heights of spikes, as shares of the rates'
constexpr Stroke true_stroke{ink, 1.3}, boxcar_stroke{0xB0B0B0, 1.4};
constexpr double rnn_width_px = 2.6;

/// What a figure of single trials shows of each unit and trial.
struct TrialPanels {
  std::function<Axis(std::size_t unit)> rate_axis;
  std::function<void(Panel& panel, const Axis& rate, std::size_t unit, const TasteTrial& trial)> draw;
};

/// Adds a row for each unit, with an axis of rates of its own, a column for each trial.
void add_trials(Picture& picture, const PanelGrid& grid, const RegionRates& rates,
                std::span<const std::size_t> units, std::span<const TasteTrial> trials,
                const TrialPanels& panels) {
  for (std::size_t row = 0; row < grid.rows; ++row) {
    Axis rate = panels.rate_axis(units[row]);
    add_row_label(picture, grid, row, rates.units[units[row]] + " (Hz)");
    for (std::size_t column = 0; column < grid.columns; ++column) {
      const TasteRates& taste = rates.tastes[trials[column].taste];
      const Rect frame = grid.frame(column, row);
      if (row == 0)
        add_condition_title(picture, frame, taste,
                            fmt::format(", trial {}", taste.number(trials[column].trial)));
      rate.labels = column == 0;
      Panel panel(frame, time_axis(frame, taste.time_ms, rates.bin_ms, row + 1 == grid.rows), rate);
      panel.vertical(0.0, stimulus_stroke);
      panels.draw(panel, rate, units[row], trials[column]);
      picture.add(panel);
    }
  }
}

/// Spikes of the height `height`, centred at `y`.
void add_spikes(Panel& panel, const TasteRates& taste, const TasteTrial& trial, std::size_t unit, double y,
                double height, double width_px) {
  std::vector<float> spikes;
  append_spikes(spikes, taste, trial.trial, unit, y);
  panel.spikes(spikes, height, {quiet_ink, width_px});
}

/// x, low, high. The error is that of the log rate, times the rate.
std::vector<float> band_of(const TasteRates& taste, std::size_t trial, std::size_t unit) {
  if (taste.standard_error_hz.size() == 0) return {};
  const auto rate = trial_values(taste.rnn_rate_hz, trial, unit),
             error = trial_values(taste.standard_error_hz, trial, unit);
  std::vector<float> band;
  for (std::size_t bin = 0; bin < rate.size(); ++bin) {
    const float factor = std::exp(error[bin] / rate[bin]);
    band.insert(band.end(),
                {static_cast<float>(taste.rnn_time_ms[bin]), rate[bin] / factor, rate[bin] * factor});
  }
  return band;
}

void include_band(Extent& extent, const std::vector<float>& band) {
  for (std::size_t i = 0; i + 2 < band.size(); i += 3) extent.include(std::span(band).subspan(i + 1, 2));
}

Axis axis_with_errors(const RegionRates& rates, std::span<const TasteTrial> trials, std::size_t unit) {
  Extent extent;
  for (const TasteTrial& chosen : trials) {
    const TasteRates& taste = rates.tastes[chosen.taste];
    include_band(extent, band_of(taste, chosen.trial, unit));
    if (taste.out_of_fold_hz.size() > 0)
      extent.include(trial_values(taste.out_of_fold_hz, chosen.trial, unit));
  }
  Axis axis = rate_axis(extent, 5);
  axis.first -= error_spikes * (axis.last - axis.first);
  return axis;
}

void draw_with_error(Panel& panel, const Axis& rate, const TasteRates& taste, std::size_t unit,
                     const TasteTrial& chosen) {
  const double spike_height = 0.8 * error_spikes * (rate.last - rate.first);
  const Colour colour = taste_colour(taste.index);
  panel.band(band_of(taste, chosen.trial, unit), colour, 0.25);
  add_spikes(panel, taste, chosen, unit, rate.first + spike_height / 2.0, spike_height, 1.1);
  panel.lines(curve(taste.rnn_time_ms, trial_values(taste.rnn_rate_hz, chosen.trial, unit)), {colour, 2.2});
  if (taste.out_of_fold_hz.size() == 0) return;
  panel.lines(curve(taste.rnn_time_ms, trial_values(taste.out_of_fold_hz, chosen.trial, unit)),
              {mixed(colour, 0x000000, 0.5), 1.1, 1.0, Dash::dashed});
}

/// Without ticks below 0, where the spikes are.
Axis axis_with_truth(const RegionRates& rates, std::span<const TasteTrial> trials, std::size_t unit) {
  Extent extent;
  for (const TasteTrial& chosen : trials) {
    const TasteRates& taste = rates.tastes[chosen.taste];
    for (const Array<float, 3>* rate_hz : {&taste.boxcar_rate_hz, &taste.true_rate_hz, &taste.rnn_rate_hz}) {
      extent.include(trial_values(*rate_hz, chosen.trial, unit));
    }
    include_band(extent, band_of(taste, chosen.trial, unit));
  }
  Axis axis = rate_axis(extent, 5);
  axis.first -= 2.0 * truth_spikes * (axis.last - axis.first);
  axis.ticks.erase(axis.ticks.begin(), std::find_if(axis.ticks.begin(), axis.ticks.end(),
                                                    [](double tick) { return tick >= 0.0; }));
  return axis;
}

void draw_with_truth(Panel& panel, const Axis& rate, const TasteRates& taste, std::size_t unit,
                     const TasteTrial& chosen) {
  const double spike_height = truth_spikes * (rate.last - rate.first);
  add_spikes(panel, taste, chosen, unit, rate.first + 0.8 * spike_height, spike_height, 1.0);
  panel.band(band_of(taste, chosen.trial, unit), taste_colour(taste.index), 0.22);
  panel.lines(curve(taste.time_ms, trial_values(taste.boxcar_rate_hz, chosen.trial, unit)), boxcar_stroke);
  panel.lines(curve(taste.rnn_time_ms, trial_values(taste.rnn_rate_hz, chosen.trial, unit)),
              {taste_colour(taste.index), rnn_width_px});
  panel.lines(curve(taste.time_ms, trial_values(taste.true_rate_hz, chosen.trial, unit)), true_stroke);
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

/// Of the trial's spikes against each unit's mean count, by the rates of the network that had not seen it
/// where they are known.
double bits_per_spike(const TasteRates& taste, std::size_t trial, double bin_ms) {
  const Array<float, 3>& rate_hz = taste.out_of_fold_hz.size() > 0 ? taste.out_of_fold_hz : taste.rnn_rate_hz;
  const std::size_t late = taste.counts.extent(2) - rate_hz.extent(2);
  double bits = 0.0, spikes = 0.0;
  for (std::size_t unit = 0; unit < taste.counts.extent(1); ++unit) {
    Moments counts;
    for (std::size_t bin = 0; bin < rate_hz.extent(2); ++bin)
      counts.add(taste.counts(trial, unit, bin + late));
    const double mean = std::max(counts.mean(), 1e-6);
    for (std::size_t bin = 0; bin < rate_hz.extent(2); ++bin) {
      const double rate = static_cast<double>(rate_hz(trial, unit, bin)) * bin_ms / 1000.0;
      if (!std::isfinite(rate)) continue;
      const double count = taste.counts(trial, unit, bin + late);
      bits += (count * std::log(std::max(rate, 1e-9) / mean) - (rate - mean)) / std::log(2.0);
      spikes += count;
    }
  }
  return spikes > 0.0 ? bits / spikes : -std::numeric_limits<double>::infinity();
}

}  // namespace

std::string trials_note(const RegionRates& rates, std::span<const TasteTrial> trials) {
  std::vector<bool> shown(rates.tastes.size());
  for (const TasteTrial& trial : trials) shown[trial.taste] = true;
  const auto count = static_cast<std::size_t>(std::count(shown.begin(), shown.end(), true));
  const std::string of =
      count < rates.tastes.size() ? fmt::format(" of the first {} {}s", count, rates.condition_word) : "";
  return (trials.size() > count ? "trials of low to high score" : "the trial of median score") + of;
}

std::vector<TasteTrial> typical_trials(const RegionRates& rates) {
  std::vector<std::size_t> tastes;
  for (std::size_t taste = 0; taste < rates.tastes.size() && tastes.size() < most_columns; ++taste) {
    if (rates.tastes[taste].trials() > 0) tastes.push_back(taste);
  }
  std::vector<TasteTrial> chosen;
  for (const std::size_t taste : tastes) {
    const TasteRates& of = rates.tastes[taste];
    std::vector<double> scores;
    for (std::size_t trial = 0; trial < of.trials(); ++trial)
      scores.push_back(bits_per_spike(of, trial, rates.bin_ms));
    const auto order =
        sorted_indices(scores.size(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    const std::size_t each = std::min(most_columns / tastes.size(), order.size());
    for (std::size_t i = 0; i < each; ++i)
      chosen.push_back({taste, order[(2 * i + 1) * order.size() / (2 * each)]});
  }
  return chosen;
}

bool has_fold_error(const RegionRates& rates) {
  return std::any_of(rates.tastes.begin(), rates.tastes.end(),
                     [](const TasteRates& taste) { return taste.standard_error_hz.size() > 0; });
}

Picture fold_error_picture(const RegionRates& rates, const Paper& paper, std::size_t) {
  check_shapes(rates);
  std::vector<TasteTrial> trials = typical_trials(rates);
  std::erase_if(trials, [&](const TasteTrial& trial) {
    return rates.tastes[trial.taste].standard_error_hz.size() == 0;
  });
  if (trials.empty()) throw Error(ErrorKind::bug, "no standard errors over folds to draw");
  const std::vector<std::size_t> units = most_varying_units(rates, most_units);
  const Heading heading{"Rates of single trials and their standard error",
                        place(rates) + "; the units whose rates vary most, " + trials_note(rates, trials),
                        {{"inferred", {{quiet_ink, 2.2}}},
                         {"± standard error", {{quiet_ink, 8.0, 0.25}}},
                         {"network that had not seen the trial", {{ink, 1.1, 1.0, Dash::dashed}}},
                         {"stimulus", {stimulus_stroke}}}};
  PanelGrid grid{.columns = trials.size(), .rows = units.size(), .panel_height_px = 130.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  const auto draw = [&](Panel& panel, const Axis& rate, std::size_t unit, const TasteTrial& chosen) {
    draw_with_error(panel, rate, rates.tastes[chosen.taste], unit, chosen);
  };
  add_trials(picture, grid, rates, units, trials,
             {[&](std::size_t unit) { return axis_with_errors(rates, trials, unit); }, draw});
  return picture;
}

Picture true_rates_picture(const RegionRates& rates, const Paper& paper, std::span<const std::size_t> units,
                           std::span<const TasteTrial> trials, const std::string& note) {
  check_choice(rates, units, trials);
  const Heading heading{"True and estimated rates of single trials",
                        place(rates) + (note.empty() ? "" : ", ") + note, legend_of(rates, trials)};
  PanelGrid grid{.columns = trials.size(), .rows = units.size(), .panel_height_px = 130.0};
  grid.fit(paper, heading);
  Picture picture = grid.picture(paper, heading);
  const auto draw = [&](Panel& panel, const Axis& rate, std::size_t unit, const TasteTrial& chosen) {
    draw_with_truth(panel, rate, rates.tastes[chosen.taste], unit, chosen);
  };
  add_trials(picture, grid, rates, units, trials,
             {[&](std::size_t unit) { return axis_with_truth(rates, trials, unit); }, draw});
  return picture;
}

std::vector<std::size_t> most_modulated_units(const RegionRates& rates, std::size_t most) {
  std::vector<double> variance;
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    Moments moments;
    for (const TasteRates& taste : rates.tastes) moments.add(taste.true_rate_hz, unit);
    variance.push_back(moments.variance());
  }
  return largest(variance, most);
}

}  // namespace rnn_rates::plot
