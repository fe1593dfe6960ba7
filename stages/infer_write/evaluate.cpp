#include "infer_write/evaluate.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "infer_write/held_out.hpp"
#include "neural/baks_rates.hpp"
#include "neural/fits.hpp"
#include "neural/gaussian_rates.hpp"
#include "neural/gpfa.hpp"
#include "neural/hidden.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"
#include "neural/smoothing.hpp"
#include "neural/split.hpp"
#include "neural/trial_average.hpp"

namespace rnn_rates::infer_write {
namespace {

using Counts = Array<std::uint16_t, 3>;
using Rates = Array<float, 3>;
using neural::Hidden;

/// A way to predict hidden entries (trial, unit, bin) in Hz.
struct Method {
  std::string name;
  std::function<Rates(const Hidden&)> predict_hz;
  bool uses_other_units;  ///< else a unit hidden in a whole trial is predicted by its mean, with 0 bits
};

std::vector<Method> baselines(const Counts& counts, const artifact::FitScores& fit, double bin_ms) {
  constexpr double boxcar_ms = 250;
  std::vector<Method> methods = {
      {"gaussian",
       [&, bin_ms](const Hidden& hidden) { return neural::predict_gaussian(counts, hidden, bin_ms); }, false},
      {"boxcar_250ms",
       [&, bin_ms](const Hidden& hidden) {
         return neural::boxcar_rate_hz(counts, bin_ms, boxcar_ms, hidden);
       },
       false},
      {"baks", [&, bin_ms](const Hidden& hidden) { return neural::predict_baks(counts, hidden, bin_ms); },
       false},
      {"trial_average",
       [&, bin_ms](const Hidden& hidden) {
         return neural::predict_trial_average(counts, hidden, fit.trial_taste, bin_ms);
       },
       false}};
  constexpr std::size_t gpfa_folds = 4;
  const auto trial_fold =
      fit.trial_fold.empty() ? neural::assign_folds(counts.extent(0), gpfa_folds) : fit.trial_fold;
  if (!trial_fold.empty()) {
    static constexpr std::size_t latents[] = {4, 8, 12};
    const auto model =
        std::make_shared<const neural::GpfaFolds>(neural::cross_fit_gpfa(counts, trial_fold, latents));
    methods.push_back({"gpfa",
                       [&, bin_ms, model](const Hidden& hidden) {
                         return neural::predict_gpfa(*model, counts, hidden, bin_ms);
                       },
                       true});
  }
  return methods;
}

/// Which entries are hidden when: in blocks, or whole units of a trial.
struct Parts {
  Array<std::uint8_t, 3> blocks, units;
  std::size_t count;
};

Parts make_parts(const Counts& counts, const config::Mask& mask, std::uint64_t seed) {
  constexpr std::size_t patterns = 16;
  const auto count = static_cast<std::size_t>(std::clamp(std::lround(1.0 / mask.probability), 2l, 20l));
  const auto block_bins = static_cast<std::size_t>(mask.block_bins);
  Parts parts{neural::block_parts(counts.shape(), block_bins, count, patterns, seed),
              Array<std::uint8_t, 3>(counts.shape()), count};
  for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < counts.extent(1); ++unit) {
      std::fill_n(&parts.units(trial, unit, 0), counts.extent(2),
                  static_cast<std::uint8_t>((trial + unit) % count));
    }
  }
  return parts;
}

/// Scores methods on the marked entries.
class Scoring {
 public:
  Scoring(const Counts& counts, double bin_ms, Parts parts, Hidden scored)
      : observed_hz_(neural::rate_hz(counts, bin_ms)), parts_(std::move(parts)), scored_(std::move(scored)) {}

  artifact::MethodScore score(const Method& method) const {
    artifact::MethodScore score = of(method.name, predict(method, parts_.blocks));
    if (method.uses_other_units)
      score.co_bits_per_spike =
          neural::bits_per_spike_of(predict(method, parts_.units), observed_hz_, scored_).pooled;
    return score;
  }
  artifact::MethodScore of(const std::string& name, const Rates& predicted_hz) const {
    const neural::BitsPerSpike bits = neural::bits_per_spike_of(predicted_hz, observed_hz_, scored_);
    return {name, bits.pooled, std::numeric_limits<double>::quiet_NaN(), bits.per_unit};
  }

 private:
  Rates predict(const Method& method, const Array<std::uint8_t, 3>& parts) const {
    return neural::predict_held_out(parts, parts_.count, method.predict_hz);
  }

  Rates observed_hz_;
  Parts parts_;
  Hidden scored_;
};

/// Entries that the network did not learn from and has predicted.
Hidden scored_entries(const Counts& counts, const artifact::FitRates& rates) {
  Hidden scored(counts.shape());
  const std::size_t first_bin = counts.extent(2) - rates.rate_hz.extent(2);
  for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
    const bool held_out =
        rates.has_folds() ||
        std::find(rates.test_trials.begin(), rates.test_trials.end(), trial) != rates.test_trials.end();
    for (std::size_t unit = 0; held_out && unit < counts.extent(1); ++unit)
      std::fill(&scored(trial, unit, first_bin), &scored(trial, unit, 0) + counts.extent(2), std::uint8_t{1});
  }
  return scored;
}

/// The predicted bins' rates in an array over all bins, as Scoring compares them.
Rates over_all_bins(const Rates& rate_hz, const Counts& counts) {
  Rates all(counts.shape());
  const std::size_t predicted = rate_hz.extent(2), first = counts.extent(2) - predicted;
  for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < counts.extent(1); ++unit)
      std::copy_n(&rate_hz(trial, unit, 0), predicted, &all(trial, unit, first));
  }
  return all;
}

}  // namespace

artifact::ScoreTable evaluate(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                              const std::vector<artifact::FitModel>& models, const artifact::FitRates& rates,
                              const config::Config& config, std::size_t threads) {
  artifact::ScoreTable table{.fit = fit.name, .methods = {}};
  if (!rates.has_folds() && fit.test_trials.empty()) return table;
  const Counts counts = neural::counts_of_fit(bins.counts, neural::fit_of_trials(fit.units, fit.trial_taste));
  const Scoring scoring(counts, bins.bin_ms(),
                        make_parts(counts, config.mask, derive_seed(fit.seed, "held-out blocks")),
                        scored_entries(counts, rates));
  std::vector<Method> methods;
  if (config.infer.baselines) methods = baselines(counts, fit, bins.bin_ms());
  if (models.front().network == "masked_gru") {
    methods.push_back({"rnn",
                       [&](const Hidden& hidden) {
                         return predict_hidden(bins, fit, models, config.train.weights, hidden,
                                               config.mask.probability);
                       },
                       true});
  } else {
    table.methods.push_back(scoring.of("rnn", over_all_bins(rates.rate_hz, counts)));
  }
  const std::size_t first = table.methods.size();
  table.methods.resize(first + methods.size());
  parallel_for(methods.size(), threads, [&](std::size_t i) {
    table.methods[first + i] = scoring.score(methods[i]);
    if (methods[i].name != "rnn") table.methods[first + i].rate_hz = methods[i].predict_hz({});
  });
  std::stable_sort(table.methods.begin(), table.methods.end(),
                   [](const auto& a, const auto& b) { return a.bits_per_spike > b.bits_per_spike; });
  return table;
}

}  // namespace rnn_rates::infer_write
