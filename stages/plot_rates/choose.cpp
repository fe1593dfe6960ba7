#include "plot_rates/choose.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {
namespace {

using Indices = std::vector<std::size_t>;
using plot::RegionRates;
using plot::TasteRates;

Indices all(std::size_t count) {
  Indices indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  return indices;
}

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// "3" or "1-10".
std::set<std::size_t> numbers_in(const std::string& key, const std::vector<std::string>& items) {
  std::set<std::size_t> numbers;
  for (const std::string& item : items) {
    const std::size_t dash = item.find('-');
    const auto first = number_in(std::string_view(item).substr(0, dash));
    const auto last = dash == std::string::npos ? first : number_in(std::string_view(item).substr(dash + 1));
    constexpr std::size_t most = 100000;
    if (!first || !last || *last < *first || *last > most)
      throw Error(ErrorKind::config, "{}: \"{}\" is neither a number nor a range such as \"1-10\"", key,
                  item);
    for (std::size_t number = *first; number <= *last; ++number) numbers.insert(number);
  }
  return numbers;
}

/// Where the settings' conditions are among a region's.
Indices conditions_of(const RegionRates& region, const config::PlotRates& settings) {
  if (settings.conditions.empty()) return all(region.tastes.size());
  Indices conditions;
  for (const std::string& name : settings.conditions) {
    const auto found = std::find_if(region.tastes.begin(), region.tastes.end(),
                                    [&](const TasteRates& taste) { return taste.taste == name; });
    if (found == region.tastes.end()) {
      std::vector<std::string> names;
      for (const TasteRates& taste : region.tastes) names.push_back(taste.taste);
      throw Error(ErrorKind::config, "plots.conditions: there is no {} '{}', only {}",
                  settings.condition_word, name, fmt::join(names, ", "));
    }
    conditions.push_back(static_cast<std::size_t>(found - region.tastes.begin()));
  }
  return conditions;
}

/// Where units with these numbers are among a region's.
Indices units_of(const RegionRates& region, const std::set<std::size_t>& numbers) {
  if (numbers.empty()) return all(region.units.size());
  Indices units;
  for (std::size_t unit = 0; unit < region.units.size(); ++unit) {
    if (std::any_of(numbers.begin(), numbers.end(), [&](std::size_t number) {
          return unit_name(static_cast<std::uint32_t>(number)) == region.units[unit];
        }))
      units.push_back(unit);
  }
  return units;
}

/// The value by which trials of a condition are ordered, as numbers or texts of a column.
std::vector<double> mean_values(const Array<float, 3>& values, std::size_t rows,
                                std::span<const double> time_ms, double from_ms) {
  std::vector<double> means;
  for (std::size_t trial = 0; trial < values.extent(0); ++trial) {
    plot::Moments moments;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t bin = 0; bin < values.extent(2); ++bin) {
        if (time_ms[bin] >= from_ms) moments.add(static_cast<double>(values(trial, row, bin)));
      }
    }
    means.push_back(moments.mean());
  }
  return means;
}

/// Trials with unknown numbers last.
template <class Value>
void sort_by(Indices& trials, const std::vector<Value>& values) {
  std::stable_sort(trials.begin(), trials.end(), [&](std::size_t a, std::size_t b) {
    if constexpr (std::is_floating_point_v<Value>) {
      if (std::isnan(values[a]) || std::isnan(values[b]))
        return !std::isnan(values[a]) && std::isnan(values[b]);
    }
    return values[a] < values[b];
  });
}

void sort_trials(Indices& trials, const RegionRates& region, const TasteRates& taste,
                 const artifact::SessionBins& bins, const std::string& by) {
  if (by == "number") return;
  const double always = taste.rnn_time_ms.front();
  if (by == "rate")
    return sort_by(trials, mean_values(taste.rnn_rate_hz, region.units.size(), taste.rnn_time_ms, always));
  if (by == "latent") {
    if (taste.latent_axes.size() > 0)
      sort_by(trials, mean_values(taste.latent_axes, 1, taste.rnn_time_ms, 0.0));
    return;
  }
  const Columns columns = bins.all_trial_columns();
  const auto column = columns.find(by);
  if (column == columns.end()) {
    std::vector<std::string> names{"number", "rate", "latent"};
    for (const auto& [name, values] : columns) names.push_back(name);
    throw Error(ErrorKind::config, "plots.sort_trials: trials have no column '{}', only {}", by,
                fmt::join(names, ", "));
  }
  std::vector<std::int64_t> rows(taste.trials());
  std::size_t first = 0;
  for (std::size_t before = 0; before < taste.index; ++before) first += bins.counts[before].extent(0);
  std::iota(rows.begin(), rows.end(), static_cast<std::int64_t>(first));
  std::visit([&](const auto& values) { sort_by(trials, values); }, rows_of(column->second, rows));
}

Indices trials_of(const RegionRates& region, const TasteRates& taste, const artifact::SessionBins& bins,
                  const config::PlotRates& settings) {
  Indices trials = all(taste.trials());
  const std::set<std::size_t> numbers = numbers_in("plots.trials", settings.trials);
  if (!numbers.empty())
    std::erase_if(trials, [&](std::size_t trial) { return !numbers.contains(trial + 1); });
  sort_trials(trials, region, taste, bins, settings.sort_trials);
  return trials;
}

/// Without its conditions.
RegionRates frame_of(const RegionRates& region, const Indices& units, const config::PlotRates& settings) {
  RegionRates frame{.session = region.session,
                    .region = region.region,
                    .bin_ms = region.bin_ms,
                    .boxcar_ms = region.boxcar_ms,
                    .spike_times = region.spike_times,
                    .condition_word = region.condition_word,
                    .trial_order = settings.sort_trials == "number" ? "" : settings.sort_trials};
  for (const std::size_t unit : units) {
    frame.units.push_back(region.units[unit]);
    if (!region.unit_regions.empty()) frame.unit_regions.push_back(region.unit_regions[unit]);
  }
  return frame;
}

}  // namespace

std::vector<RegionRates> choose(const std::vector<RegionRates>& regions, const artifact::SessionBins& bins,
                                const config::PlotRates& settings) {
  const bool as_they_are = settings.conditions.empty() && settings.units.empty() && settings.trials.empty() &&
                           settings.sort_trials == "number" &&
                           std::all_of(regions.begin(), regions.end(), [](const RegionRates& region) {
                             return region.tastes.size() <= most_conditions;
                           });
  if (as_they_are) return {};
  const std::set<std::size_t> numbers = numbers_in("plots.units", settings.units);
  std::vector<RegionRates> parts;
  for (const RegionRates& region : regions) {
    const Indices conditions = conditions_of(region, settings), units = units_of(region, numbers);
    for (std::size_t first = 0; first < conditions.size() && !units.empty(); first += most_conditions) {
      const std::size_t last = std::min(first + most_conditions, conditions.size());
      parts.push_back(frame_of(region, units, settings));
      if (conditions.size() > most_conditions) {
        parts.back().part = last == first + 1
                                ? fmt::format("{} {} of {}", settings.condition_word, last, conditions.size())
                                : fmt::format("{}s {} to {} of {}", settings.condition_word, first + 1, last,
                                              conditions.size());
      }
      for (std::size_t i = first; i < last; ++i) {
        const TasteRates& taste = region.tastes[conditions[i]];
        parts.back().tastes.push_back(plot::chosen(taste, trials_of(region, taste, bins, settings), units));
        // Further colours than the first eight are hard to tell apart.
        if (region.tastes.size() > most_conditions) parts.back().tastes.back().index = i - first;
      }
    }
  }
  if (parts.empty())
    throw Error(ErrorKind::config, "plots.units: there are no units {}", fmt::join(settings.units, ", "));
  return parts;
}

}  // namespace rnn_rates::plot_rates
