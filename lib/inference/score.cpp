#include "inference/score.hpp"

#include <algorithm>
#include <cmath>

#include "neural/metrics.hpp"
#include "neural/rates.hpp"

namespace rnn_rates::inference {
namespace {

using Rates = Array<float, 3>;

bool is_test_trial(const FitRates& rates, std::size_t trial) {
  return std::find(rates.test_trials.begin(), rates.test_trials.end(), trial) != rates.test_trials.end();
}

/// Counts as rates; NaN where not observed.
Rates observed_rate_hz(const FitData& data) {
  Rates rates_hz = neural::rate_hz(data.counts, data.bin_ms());
  neural::leave_unobserved_open(rates_hz, data.observed);
  return rates_hz;
}

/// Entries (trial, unit, bin) that the network did not learn from and has predicted.
Array<std::uint8_t, 3> scored_entries(const FitData& data, const FitRates& rates) {
  const auto [trials, units, bins] = data.counts.shape();
  Array<std::uint8_t, 3> scored(data.counts.shape());
  const std::size_t predicted = rates.rate_hz.extent(2);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    if (!rates.folds && !is_test_trial(rates, trial)) continue;
    for (std::size_t unit = 0; unit < units; ++unit)
      std::fill_n(&scored(trial, unit, 0) + (bins - predicted), predicted, std::uint8_t{1});
  }
  return scored;
}

/// The predicted bins' rates in an array over all bins.
Rates over_all_bins(const FitData& data, const Rates& rate_hz) {
  const auto [trials, units, bins] = data.counts.shape();
  Rates all(data.counts.shape());
  const std::size_t predicted = rate_hz.extent(2);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit)
      std::copy_n(&rate_hz(trial, unit, 0), predicted, &all(trial, unit, 0) + (bins - predicted));
  }
  return all;
}

}  // namespace

ScoreTable score(const FitData& data, const FitRates& rates, const Predictions& hidden,
                 const std::optional<Combination>& combination, const Purpose& purpose) {
  ScoreTable table{.fit = rates.name(), .methods = {}};
  if (!rates.folds && rates.test_trials.empty()) return table;
  const Rates observed_hz = observed_rate_hz(data);
  const Array<std::uint8_t, 3> scored = scored_entries(data, rates);
  const auto bits_of = [&](const Rates& predicted_hz) {
    return neural::bits_per_spike_of(predicted_hz, observed_hz, scored);
  };
  const auto add = [&](Method method, const Rates& predicted_hz) -> MethodScore& {
    neural::BitsPerSpike bits = bits_of(predicted_hz);
    return table.methods.emplace_back(
        MethodScore{.method = method, .bits_per_spike = bits.pooled, .per_unit = std::move(bits.per_unit)});
  };
  if (!hidden.methods.contains(Method::rnn)) add(Method::rnn, over_all_bins(data, rates.rate_hz));
  if (combination) add(Method::combined, combined_hidden_hz(data, hidden, *combination));
  for (const auto& [method, predicted] : hidden.methods) {
    if (method != Method::rnn && !purpose.baselines) continue;
    MethodScore& row = add(method, predicted.blocks.rate_hz);
    if (predicted.units.parts > 0) row.co_bits_per_spike = bits_of(predicted.units.rate_hz).pooled;
  }
  std::stable_sort(table.methods.begin(), table.methods.end(),
                   [](const auto& a, const auto& b) { return a.bits_per_spike > b.bits_per_spike; });
  return table;
}

std::vector<Metric> rate_metrics(const FitData& data, const FitRates& rates) {
  std::vector<Metric> metrics;
  const auto add = [&](const char* name, const char* meaning, double bits) {
    if (std::isfinite(bits)) metrics.push_back({rates.name(), name, meaning, "bits per spike", bits});
  };
  const std::size_t trials = data.counts.extent(0);
  const Rates observed_hz = neural::select_rates(observed_rate_hz(data), neural::all_indices(trials),
                                                 data.counts.extent(2) - rates.rate_hz.extent(2));
  if (rates.folds) {
    add("bits_per_spike_out_of_fold",
        "information on spikes of trials that the network was not trained on, but saw, against "
        "each unit's mean rate",
        neural::bits_per_spike(rates.folds->rate_out_of_fold_hz, observed_hz));
    return metrics;
  }
  std::vector<std::uint32_t> train = neural::all_indices(trials);
  std::erase_if(train, [&](std::uint32_t trial) { return is_test_trial(rates, trial); });
  const auto bits_on = [&](const std::vector<std::uint32_t>& some) {
    return neural::bits_per_spike(neural::select_rates(rates.rate_hz, some, 0),
                                  neural::select_rates(observed_hz, some, 0));
  };
  if (!train.empty()) {
    add("bits_per_spike_train", "information on trained trials' spikes, against each unit's mean rate",
        bits_on(train));
  }
  if (!rates.test_trials.empty()) {
    add("bits_per_spike_test", "information on held-out trials' spikes, against each unit's mean rate",
        bits_on(rates.test_trials));
  }
  return metrics;
}

}  // namespace rnn_rates::inference
