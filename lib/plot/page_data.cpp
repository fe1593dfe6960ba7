#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "plot/colours.hpp"
#include "plot/html.hpp"
#include "plot/page_bytes.hpp"
#include "plot/session_page.hpp"
#include "plot/text.hpp"
#include "plot/unit_summary.hpp"

namespace rnn_rates::plot {
namespace {

using nlohmann::json;

/// Values of all arrays up to which inferred rates are kept with 16 bits, which hardly deflate.
constexpr std::size_t most_fine_values = 2'500'000;
constexpr std::size_t most_loss_points = 400;

std::string colour_text(Colour colour) { return fmt::format("#{:06X}", colour); }

/// NaN is null.
json numbers(const std::vector<double>& values) {
  json list = json::array();
  for (const double value : values) list.push_back(std::isfinite(value) ? json(rounded(value)) : json());
  return list;
}

/// About `share` of the trials, evenly spaced; one at least, where there is one.
std::vector<std::size_t> sample(std::size_t trials, double share) {
  const auto kept = static_cast<std::size_t>(std::ceil(static_cast<double>(trials) * share));
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < kept; ++i) chosen.push_back(i * trials / kept);
  return chosen;
}

/// How much of a session its page holds.
struct Kept {
  unsigned rate_bits, other_bits, latent_bits;
  bool shared_scales;  ///< of all conditions: quiet ones are then coarser
  double share_of_trials = 1.0;
};

/// From fine to coarse. Panels have some 150 pixels from top to bottom.
constexpr std::array levels{Kept{16, 8, 8, false}, Kept{8, 8, 8, false}, Kept{7, 5, 6, true},
                            Kept{6, 4, 5, true}};

struct NamedArray {
  std::string name;
  const Array<float, 3>* values;
  unsigned bits;
};

std::vector<NamedArray> arrays_of(const TasteRates& taste, const Kept& kept) {
  std::vector<NamedArray> arrays{{"rnn", &taste.rnn_rate_hz, kept.rate_bits},
                                 {"truth", &taste.true_rate_hz, kept.other_bits},
                                 {"error", &taste.standard_error_hz, 4},
                                 {"outOfFold", &taste.out_of_fold_hz, kept.other_bits},
                                 {"latents", &taste.latents, kept.latent_bits}};
  for (const MethodRates& method : taste.methods)
    arrays.push_back({method.method, &method.rate_hz, kept.other_bits});
  return arrays;
}

using Scales = std::map<std::string, std::vector<RowScale>>;

Scales scales_of(const RegionRates& region, const Kept& kept) {
  if (!kept.shared_scales) return {};
  std::map<std::string, std::vector<const Array<float, 3>*>> all;
  std::map<std::string, unsigned> bits;
  for (const TasteRates& taste : region.tastes) {
    for (const NamedArray& array : arrays_of(taste, kept)) {
      all[array.name].push_back(array.values);
      bits[array.name] = array.bits;
    }
  }
  Scales scales;
  for (const auto& [name, arrays] : all) scales[name] = shared_scales(arrays, bits[name]);
  return scales;
}

json scales_json(const Scales& scales) {
  json all = json::object();
  for (const auto& [name, rows] : scales) {
    json low = json::array(), step = json::array();
    for (const RowScale& row : rows) {
      low.push_back(row.low);
      step.push_back(row.step);
    }
    all[name] = {{"low", low}, {"step", step}};
  }
  return all;
}

json taste_json(const TasteRates& taste, double bin_ms, const Kept& kept, const Scales& scales,
                PageBytes& bytes) {
  const std::vector<std::size_t> trials = sample(taste.counts.extent(0), kept.share_of_trials);
  json held_out = json::array(), arrays = json::object();
  for (const std::size_t trial : trials)
    held_out.push_back(trial < taste.held_out.size() && taste.held_out[trial]);
  for (const NamedArray& array : arrays_of(taste, kept)) {
    const auto shared = scales.find(array.name);
    arrays[array.name] = bytes.add(*array.values, trials, array.bits,
                                   shared == scales.end() ? std::vector<RowScale>{} : shared->second);
  }
  json methods = json::array();
  for (const MethodRates& method : taste.methods) methods.push_back(method.method);
  Array<float, 3> observed(taste.observed.shape());
  std::copy(taste.observed.values().begin(), taste.observed.values().end(), observed.values().begin());
  return {{"name", printable(taste.taste)},
          {"colour", colour_text(taste_colour(taste.index))},
          {"time_ms", taste.time_ms},
          {"rnn_time_ms", taste.rnn_time_ms},
          {"trial_numbers", trials},
          {"all_trials", taste.counts.extent(0)},
          {"held_out", held_out},
          {"methods", methods},
          {"observed", bytes.add(observed, trials, 4)},
          {"spikes", bytes.add_spikes(taste, trials, bin_ms)},
          {"arrays", arrays}};
}

json region_json(const RegionRates& region, const Kept& kept, PageBytes& bytes) {
  json units = json::array(), unit_regions = json::array(), flags = json::array(), tastes = json::array();
  std::vector<double> rates_hz;
  for (std::size_t unit = 0; unit < region.units.size(); ++unit) {
    units.push_back(printable(region.units[unit]));
    unit_regions.push_back(printable(region_of_unit(region, unit)));
  }
  for (const UnitSummary& unit : summarise_units(region)) {
    rates_hz.push_back(unit.rate_hz);
    flags.push_back(unit.flags);
  }
  const Scales scales = scales_of(region, kept);
  for (const TasteRates& taste : region.tastes)
    tastes.push_back(taste_json(taste, region.bin_ms, kept, scales, bytes));
  return {{"name", printable(region.region)},
          {"units", units},
          {"unit_regions", unit_regions},
          {"unit_rates_hz", numbers(rates_hz)},
          {"unit_bits", numbers(region.unit_bits)},
          {"unit_bits_over_simple", numbers(region.unit_bits_over_simple)},
          {"unit_flags", flags},
          {"scales", scales_json(scales)},
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

std::string data_json(const SessionPage& page, const json& regions, const json& losses) {
  json factor_colours = json::array(), heat_colours = json::array();
  for (std::size_t factor = 0; factor < 8; ++factor)
    factor_colours.push_back(colour_text(taste_colour(factor)));
  const ColourScale heat = ColourScale::sequential(0.0, 1.0);
  for (const Colour colour : heat.anchors()) heat_colours.push_back(colour_text(colour));
  const RegionRates& first = page.regions.front();
  return json_in_html(json{
      {"session", printable(page.session)},
      {"bin_ms", first.bin_ms},
      {"boxcar_ms", first.boxcar_ms},
      {"raster_label", raster_label(first)},
      {"condition_word", first.condition_word},
      {"regions", regions},
      {"losses", losses},
      {"factor_colours", factor_colours},
      {"heat_colours",
       heat_colours}}.dump());
}

}  // namespace

PageData page_data(const SessionPage& page, std::size_t most_bytes) {
  std::size_t values = 0;
  for (const RegionRates& region : page.regions) {
    check_shapes(region);
    for (const TasteRates& taste : region.tastes)
      values += 4 * taste.rnn_rate_hz.size() + taste.true_rate_hz.size() + taste.latents.size();
  }
  // Of the sizes tried, those are left out that such sessions hardly fit.
  std::size_t level = values > 4 * most_fine_values ? 2 : values > most_fine_values ? 1 : 0;
  Kept kept = levels[level];
  PageData data;
  for (;;) {
    json regions = json::array(), losses = json::array();
    PageBytes bytes;
    for (const RegionRates& region : page.regions) regions.push_back(region_json(region, kept, bytes));
    for (const FitLosses& fit : page.losses) losses.push_back(losses_json(fit));
    data = {data_json(page, regions, losses), bytes.text()};
    const double size = static_cast<double>(data.json.size() + data.bytes.size());
    if (size <= static_cast<double>(most_bytes) || kept.share_of_trials < 0.01) return data;
    if (++level < levels.size()) {
      kept = levels[level];
    } else {
      kept.share_of_trials *= 0.95 * static_cast<double>(most_bytes) / size;
    }
  }
}

}  // namespace rnn_rates::plot
