#include "inference/leak_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "core/random.hpp"
#include "inference/condition_decoder.hpp"
#include "inference/residual_correlation.hpp"
#include "neural/fits.hpp"

namespace rnn_rates::inference {
namespace {

using Means = std::map<Teller, PartMeans>;

/// The trials that are compared, and the condition of each, 0 to `conditions` - 1.
struct Trials {
  std::vector<std::uint32_t> rows, condition;
  std::size_t conditions = 0;
  double chance = 0;
};

/// Trials that fits hold, of conditions with three of them at least, without which none is told.
Trials trials_of(const TrialMeans& means) {
  const Array<float, 2>& known = means.means().at(Teller::counts).whole;
  std::map<std::uint32_t, std::vector<std::uint32_t>> of_taste;
  for (std::uint32_t row = 0; row < known.extent(0); ++row) {
    const float* units = known.data() + row * known.extent(1);
    if (std::any_of(units, units + known.extent(1), [](float mean) { return !std::isnan(mean); }))
      of_taste[means.trial_taste()[row]].push_back(row);
  }
  Trials trials;
  std::size_t most = 0;
  for (const auto& [taste, rows] : of_taste) {
    if (rows.size() < 3) continue;
    trials.rows.insert(trials.rows.end(), rows.begin(), rows.end());
    trials.condition.insert(trials.condition.end(), rows.size(),
                            static_cast<std::uint32_t>(trials.conditions++));
    most = std::max(most, rows.size());
  }
  trials.chance = static_cast<double>(most) / static_cast<double>(trials.rows.size());
  return trials;
}

/// These rows and columns.
Array<float, 2> chosen(const Array<float, 2>& all, const std::vector<std::uint32_t>& rows,
                       const std::vector<std::uint32_t>& columns) {
  Array<float, 2> few({rows.size(), columns.size()});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < columns.size(); ++column)
      few(row, column) = all(rows[row], columns[column]);
  }
  return few;
}
Array<float, 2> chosen(const Array<float, 2>& all, const std::vector<std::uint32_t>& rows) {
  return chosen(all, rows, neural::all_indices(all.extent(1)));
}

/// Units that fits hold, by region.
std::map<std::string, std::vector<std::uint32_t>> units_by_region(
    const Array<float, 2>& known, const std::vector<std::string>& unit_region) {
  std::map<std::string, std::vector<std::uint32_t>> units;
  for (std::uint32_t unit = 0; unit < known.extent(1); ++unit) {
    std::size_t trial = 0;
    while (trial < known.extent(0) && std::isnan(known(trial, unit))) ++trial;
    if (trial < known.extent(0)) units[unit_region[unit]].push_back(unit);
  }
  return units;
}

/// How often chance does as well: `excess` (permutation), the right order first.
double p_value(std::span<const double> excess, double reached) {
  if (std::isnan(reached)) return reached;
  // Equal shares of trials may differ in their last digit.
  const auto as_much =
      std::count_if(excess.begin(), excess.end(), [&](double each) { return each >= reached - 1e-9; });
  return static_cast<double>(as_much) / static_cast<double>(excess.size());
}

template <class Tested>
bool is_beyond_chance(const Tested& tested) {
  return tested.p_value <= leak_p_value;
}

/// `trials` in a random order.
std::vector<std::uint32_t> shuffled(std::vector<std::uint32_t> trials, RandomStream& random) {
  const std::vector<std::uint32_t> sorted = trials;
  const std::vector<std::size_t> order = random.permutation(trials.size());
  std::transform(order.begin(), order.end(), trials.begin(), [&](std::size_t from) { return sorted[from]; });
  return trials;
}

std::vector<ConditionTold> tell_conditions(const Means& means, const Trials& trials,
                                           const std::vector<std::uint32_t>& units,
                                           std::size_t permutations) {
  RandomStream random(derive_seed(0, "conditions of the leak test"));
  std::vector<std::vector<std::uint32_t>> labelings = {trials.condition};
  labelings.reserve(permutations + 1);
  while (labelings.size() < permutations + 1) labelings.push_back(shuffled(trials.condition, random));
  std::vector<ConditionTold> all;
  std::vector<double> by_counts;
  for (const auto& [teller, of] : means) {
    const auto right = [&](const Array<float, 2>& part, std::size_t some) {
      return told_right(chosen(part, trials.rows, units), std::span(labelings).first(some),
                        trials.conditions);
    };
    const std::vector<double> before = right(of.before, labelings.size());
    ConditionTold& told = all.emplace_back(ConditionTold{
        .teller = teller, .accuracy_before = before.front(), .accuracy_after = right(of.after, 1).front()});
    if (teller == Teller::counts) by_counts = before;
    if (teller == Teller::counts) continue;
    std::vector<double> excess(before.size());
    std::transform(
        before.begin(), before.end(), by_counts.begin(), excess.begin(),
        [&](double by_rates, double counts) { return by_rates - std::max(counts, trials.chance); });
    told.p_value = p_value(excess, excess.front());
  }
  return all;
}

/// Rows of the trials, shuffled among those of their condition.
std::vector<std::uint32_t> shuffled_within(const std::vector<std::uint32_t>& trial_condition,
                                           RandomStream& random) {
  std::vector<std::uint32_t> order = neural::all_indices(trial_condition.size());
  // Trials stand in the order of their conditions.
  for (auto first = order.begin(); first != order.end();) {
    const auto end = std::find_if(first, order.end(), [&](std::uint32_t row) {
      return trial_condition[row] != trial_condition[*first];
    });
    const std::vector<std::uint32_t> some = shuffled({first, end}, random);
    first = std::copy(some.begin(), some.end(), first);
  }
  return order;
}

/// What is left of each region's trials, (region) in order, by teller.
using Components = std::map<Teller, std::vector<Array<float, 2>>>;

/// Correlations (pair of regions) of each teller, the rows of each region in `order` (region).
std::map<Teller, std::vector<double>> correlate(const Components& left,
                                                const std::vector<std::vector<std::uint32_t>>& order) {
  std::map<Teller, std::vector<double>> found;
  for (const auto& [teller, regions] : left) {
    for (std::size_t first = 0; first < regions.size(); ++first) {
      for (std::size_t second = first + 1; second < regions.size(); ++second) {
        found[teller].push_back(held_out_canonical_correlation(chosen(regions[first], order[first]),
                                                               chosen(regions[second], order[second])));
      }
    }
  }
  return found;
}

std::vector<RegionsCorrelated> correlate_regions(
    const Means& means, const Trials& trials,
    const std::map<std::string, std::vector<std::uint32_t>>& region_units, std::size_t permutations) {
  Components left;
  std::vector<std::string> names;
  for (const auto& [region, units] : region_units) {
    names.push_back(region);
    for (const auto& [teller, of] : means)
      left[teller].push_back(residual_components(chosen(of.whole, trials.rows, units), trials.condition));
  }
  const auto found = correlate(left, {names.size(), neural::all_indices(trials.rows.size())});
  const auto excess = [](const std::map<Teller, std::vector<double>>& of, Teller teller, std::size_t pair) {
    return of.at(teller)[pair] - std::fmax(of.at(Teller::counts)[pair], 0.0);
  };
  std::map<Teller, std::vector<double>> most;  // (order, the right one first) of all pairs
  const auto add_most = [&](const std::map<Teller, std::vector<double>>& of) {
    for (const auto& [teller, correlations] : of) {
      double& highest = most[teller].emplace_back(-2.0);
      for (std::size_t pair = 0; pair < correlations.size(); ++pair)
        highest = std::fmax(highest, excess(of, teller, pair));
    }
  };
  add_most(found);
  RandomStream random(derive_seed(0, "regions of the leak test"));
  for (std::size_t permutation = 0; permutation < permutations; ++permutation) {
    std::vector<std::vector<std::uint32_t>> orders;
    while (orders.size() < names.size()) orders.push_back(shuffled_within(trials.condition, random));
    add_most(correlate(left, orders));
  }
  std::vector<RegionsCorrelated> all;
  for (std::size_t first = 0, pair = 0; first < names.size(); ++first) {
    for (std::size_t second = first + 1; second < names.size(); ++second, ++pair) {
      for (const auto& [teller, correlations] : found) {
        RegionsCorrelated& one = all.emplace_back(RegionsCorrelated{.teller = teller,
                                                                    .first = names[first],
                                                                    .second = names[second],
                                                                    .correlation = correlations[pair]});
        if (teller != Teller::counts) one.p_value = p_value(most[teller], excess(found, teller, pair));
      }
    }
  }
  return all;
}

}  // namespace

std::optional<LeakTest> leak_test(const TrialMeans& means, const std::vector<std::string>& unit_region,
                                  bool joint_regions, std::size_t permutations) {
  if (means.means().empty()) return {};
  const Trials trials = trials_of(means);
  if (trials.conditions < 2) return {};
  const auto region_units = units_by_region(means.means().at(Teller::counts).whole, unit_region);
  LeakTest test{.before_ms = means.parts().before.limits_ms,
                .after_ms = means.parts().after.limits_ms,
                .trials = trials.rows.size(),
                .conditions = trials.conditions,
                .chance = trials.chance,
                .joint_regions = joint_regions};
  if (!means.parts().before.empty()) {
    std::vector<std::uint32_t> units;
    for (const auto& [region, of_region] : region_units)
      units.insert(units.end(), of_region.begin(), of_region.end());
    test.conditions_told = tell_conditions(means.means(), trials, units, permutations);
  }
  if (region_units.size() > 1)
    test.correlations = correlate_regions(means.means(), trials, region_units, permutations);
  return test;
}

std::vector<Metric> metrics_of(const LeakTest& test) {
  std::vector<Metric> metrics;
  const auto add = [&](const std::string& name, Teller teller, const std::string& meaning, double value) {
    if (!std::isfinite(value)) return;
    metrics.push_back({leak_test_name, fmt::format("{}_{}", name, word(teller)), meaning, "1", value});
  };
  for (const ConditionTold& told : test.conditions_told) {
    const auto told_by = [&](const std::array<double, 2>& part_ms) {
      return fmt::format(
          "share of trials whose condition is told from mean {} between {} and {} ms (chance {:.2f})",
          word(told.teller), part_ms[0], part_ms[1], test.chance);
    };
    add("condition_told_before", told.teller, told_by(test.before_ms), told.accuracy_before);
    add("condition_told_after", told.teller, told_by(test.after_ms), told.accuracy_after);
    add("condition_told_before_p", told.teller, "probability that chance tells as much more than counts do",
        told.p_value);
  }
  // Of several pairs of regions, the most suspicious one.
  std::map<Teller, RegionsCorrelated> worst;
  for (const RegionsCorrelated& pair : test.correlations) {
    const auto [at, fresh] = worst.emplace(pair.teller, pair);
    if (!fresh && pair.correlation > at->second.correlation) at->second = pair;
  }
  for (const auto& [teller, pair] : worst) {
    add("regions_correlated", teller,
        fmt::format("correlation between what is left of single trials of {} and {}", pair.first,
                    pair.second),
        pair.correlation);
    add("regions_correlated_p", teller,
        "probability that chance makes regions correlate as much more than counts do", pair.p_value);
  }
  return metrics;
}

std::vector<std::string> warnings_of(const LeakTest& test) {
  std::vector<std::string> warnings;
  for (const ConditionTold& told : test.conditions_told) {
    if (!is_beyond_chance(told)) continue;
    warnings.push_back(
        fmt::format("{} tells the condition of {:.0f}% of trials from {} to {} ms before the stimulus, "
                    "counts that of {:.0f}% (chance "
                    "{:.0f}%): it knows the condition or looks ahead. Do not decode conditions or date their "
                    "onset with it; see docs/what_rates_can_tell.md",
                    word(told.teller), 100 * told.accuracy_before, -test.before_ms[0], -test.before_ms[1],
                    100 * test.conditions_told.front().accuracy_before, 100 * test.chance));
  }
  double by_counts = 0;
  for (const RegionsCorrelated& pair : test.correlations) {
    if (pair.teller == Teller::counts) by_counts = pair.correlation;
    if (!test.joint_regions || !is_beyond_chance(pair)) continue;
    warnings.push_back(fmt::format(
        "{} correlates the single trials of {} and {} by {:.2f}, counts by {:.2f}: one network reads both "
        "regions. "
        "Set fits.separate_regions = true before correlating them; see docs/what_rates_can_tell.md",
        word(pair.teller), pair.first, pair.second, pair.correlation, by_counts));
  }
  return warnings;
}

}  // namespace rnn_rates::inference
