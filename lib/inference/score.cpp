#include "inference/score.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "inference/independent_runs.hpp"
#include "neural/fits.hpp"
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

/// Of the difference between two methods on the same spikes.
double paired_error(std::vector<neural::Information> runs, const std::vector<neural::Information>& others) {
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i].bits -= others[i].bits;
  return neural::bits_per_spike_error(runs);
}

/// Scores methods on the entries that all of them are scored on.
class Scorer {
 public:
  Scorer(const FitData& data, const FitRates& rates)
      : observed_hz_(observed_rate_hz(data)),
        scored_(scored_entries(data, rates)),
        runs_(independent_runs(data)),
        folds_(fold_of_entries(data)) {}

  double bits_of(const Rates& predicted_hz) const {
    return neural::bits_per_spike_of(predicted_hz, observed_hz_, scored_).pooled;
  }
  MethodScore& add(Method method, const Rates& predicted_hz) {
    neural::BitsPerSpike bits = neural::bits_per_spike_of(predicted_hz, observed_hz_, scored_);
    const auto folds = neural::information_of_runs(predicted_hz, observed_hz_, scored_, folds_);
    std::vector<double> per_fold;
    per_fold.reserve(folds.size());
    for (const neural::Information& fold : folds)
      per_fold.push_back(neural::bits_per_spike(std::array{fold}));
    runs_of_[method] = neural::information_of_runs(predicted_hz, observed_hz_, scored_, runs_);
    return methods_.emplace_back(MethodScore{.method = method,
                                             .bits_per_hidden_spike = bits.pooled,
                                             .standard_error = neural::bits_per_spike_error(runs_of_[method]),
                                             .per_unit = std::move(bits.per_unit),
                                             .per_fold = std::move(per_fold)});
  }
  /// Best first, compared with the best simple one.
  ScoreTable table(const std::string& fit) && {
    ScoreTable table{fit, std::move(methods_)};
    std::stable_sort(table.methods.begin(), table.methods.end(), [](const auto& a, const auto& b) {
      return a.bits_per_hidden_spike > b.bits_per_hidden_spike;
    });
    const MethodScore* simple = best_simple(table);
    if (simple == nullptr) return table;
    for (MethodScore& score : table.methods) {
      score.bits_over_best_simple = score.bits_per_hidden_spike - simple->bits_per_hidden_spike;
      score.over_best_simple_standard_error =
          paired_error(runs_of_.at(score.method), runs_of_.at(simple->method));
    }
    return table;
  }

 private:
  Rates observed_hz_;
  Array<std::uint8_t, 3> scored_;
  Array<std::uint32_t, 2> runs_, folds_;
  std::map<Method, std::vector<neural::Information>> runs_of_;
  std::vector<MethodScore> methods_;
};

/// Of the trials that the autoencoder was trained on.
std::optional<double> bits_on_trained_trials(const FitData& data, const FitRates& rates) {
  std::vector<std::uint32_t> train = neural::all_indices(data.counts.extent(0));
  std::erase_if(train, [&](std::uint32_t trial) { return is_test_trial(rates, trial); });
  if (train.empty()) return std::nullopt;
  const Rates observed_hz =
      neural::trials_of(observed_rate_hz(data), train, data.counts.extent(2) - rates.rate_hz.extent(2));
  return neural::bits_per_spike(neural::trials_of(rates.rate_hz, train), observed_hz);
}

}  // namespace

ScoreTable score(const FitData& data, const FitRates& rates, const Predictions& hidden,
                 const std::optional<Combination>& combination) {
  if (!rates.folds && rates.test_trials.empty()) return {.fit = rates.name(), .methods = {}};
  Scorer scorer(data, rates);
  if (!hidden.methods.contains(Method::rnn)) scorer.add(Method::rnn, over_all_bins(data, rates.rate_hz));
  if (combination) scorer.add(Method::combined, combination->hidden_hz);
  for (const auto& [method, predicted] : hidden.methods) {
    MethodScore& row = scorer.add(method, predicted.blocks.rate_hz);
    if (predicted.units.parts > 0) row.co_bits_per_spike = scorer.bits_of(predicted.units.rate_hz);
  }
  return std::move(scorer).table(rates.name());
}

std::vector<Metric> score_metrics(const FitData& data, const FitRates& rates, const ScoreTable& table) {
  std::vector<Metric> metrics;
  const auto add = [&](const std::string& name, const std::string& meaning, double bits) {
    if (std::isfinite(bits)) metrics.push_back({rates.name(), name, meaning, "bits per spike", bits});
  };
  const bool forecasts = !rates.readout;  // Of the masked GRU.
  if (const MethodScore* score = published(table)) {
    const std::string hidden = forecasts ? "spikes of held-out trials, each predicted from earlier bins"
                                         : "spikes hidden from everything that made the rates";
    add("bits_per_hidden_spike",
        "information of the published rates on " + hidden + ", against each unit's mean rate",
        score->bits_per_hidden_spike);
    add(standard_error_of("bits_per_hidden_spike"), "standard error of bits_per_hidden_spike over trials",
        score->standard_error);
    add("bits_over_best_simple",
        "bits_per_hidden_spike minus that of the best simple method: kernel, condition average, boxcar or "
        "BAKS",
        score->bits_over_best_simple);
    add(standard_error_of("bits_over_best_simple"),
        "standard error of bits_over_best_simple over trials, paired",
        score->over_best_simple_standard_error);
  }
  if (const auto bits = forecasts ? bits_on_trained_trials(data, rates) : std::nullopt)
    add("bits_per_spike_train",
        "information on spikes of trials that the network was trained on, which shows what it has learned by "
        "heart and not how good its rates are",
        *bits);
  return metrics;
}

}  // namespace rnn_rates::inference
