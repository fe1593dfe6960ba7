#include "inference/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "inference/unit_gains.hpp"

namespace rnn_rates::inference {
namespace {

/// Spikes in the bins that were observed, and how many these are.
struct Seen {
  double spikes = 0, bins = 0;
};

void add(const FitData& data, std::size_t trial, std::size_t unit, Seen& to) {
  const bool all_seen = data.observed.size() == 0;
  for (std::size_t bin = 0; bin < data.counts.extent(2); ++bin) {
    if (!all_seen && data.observed(trial, unit, bin) == 0) continue;
    to.spikes += data.counts(trial, unit, bin);
    to.bins += 1.0;
  }
}

/// (trial) 0 in the first half of its condition's trials, 1 in the second.
std::vector<std::size_t> halves(const ReducedFit& fit) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> of_condition;
  for (std::uint32_t trial = 0; trial < fit.trial_taste.size(); ++trial)
    of_condition[fit.trial_taste[trial]].push_back(trial);
  std::vector<std::size_t> half(fit.trial_taste.size());
  for (auto& [condition, trials] : of_condition) {
    if (!fit.trial_time_s.empty()) {
      std::stable_sort(trials.begin(), trials.end(), [&](std::uint32_t a, std::uint32_t b) {
        return fit.trial_time_s[a] < fit.trial_time_s[b];
      });
    }
    for (std::size_t i = 0; i < trials.size(); ++i) half[trials[i]] = 2 * i / trials.size();
  }
  return half;
}

/// Best at its start or at the first validation after it, where others followed.
bool has_stalled(const FitModel& network) {
  const auto& steps = network.validation_steps;
  const auto first = std::upper_bound(steps.begin(), steps.end(), 0U);
  return steps.end() - first > 1 && network.best_step <= *first;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

double drift_of_units(const FitData& data) {
  const std::vector<std::size_t> half = halves(data.fit);
  constexpr double few = 10;  // Logs of fewer spikes are skewed.
  double square = 0.0, units = 0.0;
  for (std::size_t unit = 0; unit < data.counts.extent(1); ++unit) {
    Seen seen[2];
    for (std::size_t trial = 0; trial < data.counts.extent(0); ++trial)
      add(data, trial, unit, seen[half[trial]]);
    if (seen[0].spikes < few || seen[1].spikes < few) continue;
    const double change = std::log(seen[1].spikes / seen[1].bins) - std::log(seen[0].spikes / seen[0].bins);
    square += change * change - 1.0 / seen[0].spikes - 1.0 / seen[1].spikes;
    units += 1.0;
  }
  return units > 0.0 ? std::sqrt(std::max(0.0, square / units)) : 0.0;
}

Evidence gather_evidence(const FitData& data, const FitRates& rates, const ScoreTable& table,
                         const std::vector<FitModel>& networks) {
  Evidence evidence;
  if (const MethodScore* score = published(table)) evidence.published = *score;
  if (const MethodScore* score = best_simple(table)) evidence.simple = *score;
  evidence.trials = data.counts.extent(0);
  std::vector<double> spikes;
  spikes.reserve(data.counts.extent(1));
  for (std::size_t unit = 0; unit < data.counts.extent(1); ++unit) {
    Seen seen;
    for (std::size_t trial = 0; trial < data.counts.extent(0); ++trial) add(data, trial, unit, seen);
    spikes.push_back(seen.spikes);
  }
  evidence.spikes_per_unit = median(std::move(spikes));
  evidence.drift = drift_of_units(data);
  evidence.spread_of_gains = spread_of_gains(rates.gain);
  evidence.networks = networks.size();
  evidence.stalled_networks =
      static_cast<std::size_t>(std::count_if(networks.begin(), networks.end(), has_stalled));
  return evidence;
}

}  // namespace rnn_rates::inference
