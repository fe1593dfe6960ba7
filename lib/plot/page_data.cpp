#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "plot/colours.hpp"
#include "plot/html.hpp"
#include "plot/session_page.hpp"
#include "plot/text.hpp"

namespace rnn_rates::plot {
namespace {

using nlohmann::json;

/// Base64 text of all arrays up to which inferred rates are kept with 16 bits: with the charting library the
/// page stays below 5 MB. Beyond, 8 bits have to do.
constexpr double most_fine_bytes = 3.6e6;
constexpr std::size_t most_loss_points = 400;

std::string colour_text(Colour colour) { return fmt::format("#{:06X}", colour); }

/// Four digits after the point would be too few for small latents: seven digits in all, as floats have.
double rounded(double value) { return std::stod(fmt::format("{:.7g}", value)); }

/// Numbers of 4, 8 or 16 bits one after the other, lower ones first.
std::vector<std::uint8_t> bytes_of(std::span<const unsigned> numbers, unsigned bits) {
  std::vector<std::uint8_t> bytes((numbers.size() * bits + 7) / 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (bits == 4) bytes[i / 2] |= static_cast<std::uint8_t>(numbers[i] << (i % 2 * 4));
    if (bits >= 8) bytes[i * bits / 8] = static_cast<std::uint8_t>(numbers[i] & 0xFFU);
    if (bits == 16) bytes[i * 2 + 1] = static_cast<std::uint8_t>(numbers[i] >> 8U);
  }
  return bytes;
}

/// Stands for a value that is not known: the largest number of `bits`, which no value has where some are not.
unsigned unknown_of(unsigned bits) { return (1U << bits) - 1U; }

/// Whole numbers of `bits` for (trial, row, bin), with the lowest value and the step of each row.
json packed(const std::array<std::size_t, 3>& shape, unsigned bits, const std::vector<double>& low,
            const std::vector<double>& step, std::span<const unsigned> numbers, bool all_known) {
  return {{"trials", shape[0]},
          {"rows", shape[1]},
          {"bins", shape[2]},
          {"bits", bits},
          {"low", low},
          {"step", step},
          {"unknown", all_known ? json() : json(unknown_of(bits))},
          {"values", base64(bytes_of(numbers, bits))}};
}

json packed(const Array<float, 3>& values, unsigned bits) {
  if (values.size() == 0) return nullptr;
  const std::size_t trials = values.extent(0), rows = values.extent(1), bins = values.extent(2);
  const bool all_known = std::all_of(values.values().begin(), values.values().end(),
                                     [](float value) { return std::isfinite(value); });
  const double largest = unknown_of(bits) - (all_known ? 0.0 : 1.0);
  std::vector<double> low(rows, 0.0), step(rows, 0.0);
  for (std::size_t row = 0; row < rows; ++row) {
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (const float value : trial_values(values, trial, row)) {
        if (!std::isfinite(value)) continue;
        lowest = std::min(lowest, static_cast<double>(value));
        highest = std::max(highest, static_cast<double>(value));
      }
    }
    if (!(lowest <= highest)) continue;
    low[row] = rounded(lowest);
    step[row] = rounded((highest - low[row]) / largest);
  }
  std::vector<unsigned> numbers;
  numbers.reserve(values.size());
  std::size_t at = 0;
  for (const float value : values.values()) {
    const std::size_t row = at++ / bins % rows;
    const double number =
        step[row] > 0.0 ? std::round((static_cast<double>(value) - low[row]) / step[row]) : 0.0;
    numbers.push_back(std::isfinite(value) ? static_cast<unsigned>(std::clamp(number, 0.0, largest))
                                           : unknown_of(bits));
  }
  return packed(values.shape(), bits, low, step, numbers, all_known);
}

json packed_observed(const TasteRates& taste) {
  if (taste.observed.size() == 0) return nullptr;
  const std::vector<double> zeros(taste.observed.extent(1), 0.0), ones(taste.observed.extent(1), 1.0);
  const std::vector<unsigned> numbers(taste.observed.values().begin(), taste.observed.values().end());
  return packed(taste.observed.shape(), 4, zeros, ones, numbers, true);
}

/// Seven bits to a byte, the lowest first; the highest bit of a byte says that more follow.
void append_number(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (; number > 0x7FU; number >>= 7U) bytes.push_back(static_cast<std::uint8_t>((number & 0x7FU) | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

/// For each trial and unit, how many spikes it has and the ms from one to the next, the first from the start
/// of the window.
json packed_spikes(const TasteRates& taste, double bin_ms) {
  const double start_ms = taste.time_ms.front() - bin_ms / 2.0;
  std::vector<std::uint8_t> bytes;
  for (const std::vector<float>& train : taste.spikes_ms) {
    append_number(bytes, train.size());
    std::uint64_t before = 0;
    for (const float time_ms : train) {
      const auto ms = static_cast<std::uint64_t>(std::max(static_cast<double>(time_ms) - start_ms, 0.0));
      append_number(bytes, ms - before);
      before = ms;
    }
  }
  return {{"trials", taste.counts.extent(0)},
          {"rows", taste.counts.extent(1)},
          {"bins", taste.counts.extent(2)},
          {"start_ms", start_ms},
          {"values", base64(bytes)}};
}

json taste_json(const TasteRates& taste, double bin_ms, unsigned bits) {
  std::vector<bool> held_out = taste.held_out;
  held_out.resize(taste.counts.extent(0), false);
  return {{"name", printable(taste.taste)},
          {"colour", colour_text(taste_colour(taste.index))},
          {"time_ms", taste.time_ms},
          {"rnn_time_ms", taste.rnn_time_ms},
          {"held_out", held_out},
          {"observed", packed_observed(taste)},
          {"spikes", packed_spikes(taste, bin_ms)},
          {"rnn", packed(taste.rnn_rate_hz, bits)},
          {"truth", packed(taste.true_rate_hz, 8)},
          {"error", packed(taste.standard_error_hz, 4)},
          {"outOfFold", packed(taste.out_of_fold_hz, 8)},
          {"latents", packed(taste.latents, 8)}};
}

json region_json(const RegionRates& region, unsigned bits) {
  json units = json::array(), unit_regions = json::array(), tastes = json::array();
  for (std::size_t unit = 0; unit < region.units.size(); ++unit) {
    units.push_back(printable(region.units[unit]));
    unit_regions.push_back(printable(region_of_unit(region, unit)));
  }
  for (const TasteRates& taste : region.tastes) tastes.push_back(taste_json(taste, region.bin_ms, bits));
  return {{"name", printable(region.region)},
          {"units", units},
          {"unit_regions", unit_regions},
          {"tastes", tastes}};
}

json pairs(std::span<const float> points) {
  json list = json::array();
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    if (std::isfinite(points[i + 1]))
      list.push_back({rounded(static_cast<double>(points[i])), rounded(static_cast<double>(points[i + 1]))});
  }
  return list;
}

json losses_json(const FitLosses& fit) {
  std::vector<float> validation;
  json best = json::array();
  for (std::size_t i = 0; i < fit.validation.size(); ++i) {
    validation.insert(validation.end(), {static_cast<float>(fit.validation_steps[i]), fit.validation[i]});
    if (fit.validation_steps[i] == fit.best_step) best.push_back({fit.best_step, fit.validation[i]});
  }
  return {{"name", printable(fit.fit)},
          {"colour", colour_text(taste_colour(fit.colour))},
          {"train", pairs(block_means(fit.train, most_loss_points))},
          {"validation", pairs(validation)},
          {"best", best}};
}

}  // namespace

std::string page_data(const SessionPage& page) {
  double bytes = 0.0;
  for (const RegionRates& region : page.regions) {
    check_shapes(region);
    for (const TasteRates& taste : region.tastes) {
      std::size_t spikes = 0;
      for (const std::vector<float>& train : taste.spikes_ms) spikes += train.size();
      const std::size_t half_bytes = taste.observed.size() + 2 * spikes + 4 * taste.rnn_rate_hz.size() +
                                     2 * taste.true_rate_hz.size() + taste.standard_error_hz.size() +
                                     2 * taste.out_of_fold_hz.size() + 2 * taste.latents.size();
      bytes += static_cast<double>(half_bytes) * 0.5 * 4.0 / 3.0;
    }
  }
  json regions = json::array(), losses = json::array();
  for (const RegionRates& region : page.regions) {
    regions.push_back(region_json(region, bytes > most_fine_bytes ? 8 : 16));
  }
  for (const FitLosses& fit : page.losses) losses.push_back(losses_json(fit));
  json factor_colours = json::array(), heat_colours = json::array();
  for (std::size_t factor = 0; factor < 8; ++factor)
    factor_colours.push_back(colour_text(taste_colour(factor)));
  const ColourScale heat = ColourScale::sequential(0.0, 1.0);
  for (const Colour colour : heat.anchors()) heat_colours.push_back(colour_text(colour));
  const RegionRates& first = page.regions.front();
  return json_in_html(json{
      {"bin_ms", first.bin_ms},
      {"boxcar_ms", first.boxcar_ms},
      {"raster_label", raster_label(first)},
      {"regions", regions},
      {"losses", losses},
      {"factor_colours", factor_colours},
      {"heat_colours",
       heat_colours}}.dump());
}

}  // namespace rnn_rates::plot
