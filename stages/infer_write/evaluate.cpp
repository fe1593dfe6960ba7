#include "infer_write/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"
#include "core/random.hpp"
#include "core/stop.hpp"
#include "infer_write/combine.hpp"
#include "infer_write/held_out.hpp"
#include "infer_write/methods.hpp"
#include "neural/fits.hpp"
#include "neural/hidden.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"

namespace rnn_rates::infer_write {
namespace {

using Counts = Array<std::uint16_t, 3>;
using Rates = Array<float, 3>;
using neural::Hidden;

/// Which entries are hidden when: in blocks, or whole units of a trial.
struct Parts {
  Array<std::uint8_t, 3> blocks, units;
  std::size_t count;
};

Parts make_parts(const Counts& counts, const artifact::ModelMask& mask, std::uint64_t seed) {
  constexpr std::size_t patterns = 16;
  const auto count = static_cast<std::size_t>(std::clamp(std::lround(1.0 / mask.probability), 2L, 20L));
  Parts parts{neural::block_parts(counts.shape(), mask.block_bins, count, patterns, seed),
              Array<std::uint8_t, 3>(counts.shape()), count};
  for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < counts.extent(1); ++unit) {
      std::fill_n(&parts.units(trial, unit, 0), counts.extent(2),
                  static_cast<std::uint8_t>((trial + unit) % count));
    }
  }
  return parts;
}

/// Scores predictions on the marked entries.
class Scoring {
 public:
  Scoring(const Counts& counts, double bin_ms, Parts parts, Hidden scored)
      : observed_hz_(neural::rate_hz(counts, bin_ms)), parts_(std::move(parts)), scored_(std::move(scored)) {}

  /// Each entry predicted while its block is hidden.
  void hide_blocks(const Method& method, neural::HeldOutRates& predicted) const {
    neural::predict_held_out(parts_.blocks, parts_.count, method.predict_hz, predicted, stop_token());
  }
  /// While its unit is hidden in the trial; NaN for a method that then knows the mean rate only.
  double co_bits_per_spike(const Method& method, neural::HeldOutRates& predicted) const {
    if (!method.uses_other_units) return std::numeric_limits<double>::quiet_NaN();
    neural::predict_held_out(parts_.units, parts_.count, method.predict_hz, predicted, stop_token());
    return neural::bits_per_spike_of(predicted.rate_hz, observed_hz_, scored_).pooled;
  }
  artifact::MethodScore of(const std::string& name, const Rates& predicted_hz) const {
    const neural::BitsPerSpike bits = neural::bits_per_spike_of(predicted_hz, observed_hz_, scored_);
    return {name, bits.pooled, std::numeric_limits<double>::quiet_NaN(), bits.per_unit};
  }

 private:
  Rates observed_hz_;
  Parts parts_;
  Hidden scored_;
};

/// Entries that the network did not learn from and has predicted.
Hidden scored_entries(const Counts& counts, const artifact::FitRates& rates) {
  Hidden scored(counts.shape());
  const std::size_t first_bin = counts.extent(2) - rates.rate_hz.extent(2);
  for (std::size_t trial = 0; trial < counts.extent(0); ++trial) {
    const bool held_out = rates.has_folds() || std::find(rates.test_trials.begin(), rates.test_trials.end(),
                                                         trial) != rates.test_trials.end();
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

std::vector<Method> methods_of(const artifact::SessionBins& bins, const Counts& counts,
                               const artifact::FitScores& fit, const std::vector<artifact::FitModel>& models,
                               const config::Config& config, bool combines,
                               std::vector<neural::GpfaFit>& gpfa) {
  std::vector<Method> methods;
  if (models.front().network == "masked_gru") {
    methods.push_back({"rnn",
                       [&](const Hidden& hidden) {
                         return predict_hidden(bins, fit, models, config.train.weights, hidden);
                       },
                       true});
  }
  for (Method& method : simple_methods(counts, fit, bins.bin_ms(), gpfa)) {
    const bool combined = combines && std::find(combined_methods.begin(), combined_methods.end(),
                                                method.name) != combined_methods.end();
    if (config.infer.baselines || combined) methods.push_back(std::move(method));
  }
  return methods;
}

/// Predicts what `predicted` does not have yet; the method's row of the table.
artifact::MethodScore predict(const Method& method, const Scoring& scoring, const config::Config& config,
                              MethodProgress& predicted) {
  scoring.hide_blocks(method, predicted.blocks);
  artifact::MethodScore score = scoring.of(method.name, predicted.blocks.rate_hz);
  if (method.name == "rnn" || config.infer.baselines)
    score.co_bits_per_spike = scoring.co_bits_per_spike(method, predicted.units);
  if (method.name != "rnn" && predicted.rate_hz.size() == 0) predicted.rate_hz = method.predict_hz({});
  return score;
}

/// Combines those of `combined_methods` that there are, and scores that.
artifact::MethodScore combine_rates(const Counts& counts, double bin_ms, const Scoring& scoring,
                                    std::size_t threads, FitProgress& progress, artifact::FitRates& rates) {
  std::vector<Rates> held_out_hz, others_hz;
  std::vector<std::string> names;
  for (const std::string_view name : combined_methods) {
    const auto found = progress.methods.find(std::string(name));
    if (found == progress.methods.end()) continue;
    names.emplace_back(name);
    held_out_hz.push_back(found->second.blocks.rate_hz);
    if (name != "rnn") others_hz.push_back(found->second.rate_hz);
  }
  fit_combination(held_out_hz, counts, rates.trial_fold, bin_ms, threads, progress.combination);
  combine(rates, progress.combination, std::move(others_hz), bin_ms);
  rates.combined_methods = std::move(names);
  return scoring.of("combined", out_of_fold_hz(progress.combination, held_out_hz, rates.trial_fold));
}

}  // namespace

artifact::ScoreTable evaluate(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                              const std::vector<artifact::FitModel>& models, const config::Config& config,
                              std::size_t threads, FitProgress& progress, artifact::FitRates& rates) {
  artifact::ScoreTable table{.fit = fit.name, .methods = {}};
  if (!rates.has_folds() && fit.test_trials.empty()) return table;
  const Counts counts = neural::counts_of_fit(bins.counts, neural::fit_of_trials(fit.units, fit.trial_taste));
  const artifact::ModelMask mask = models.front().mask.value_or(artifact::ModelMask{});
  const Scoring scoring(counts, bins.bin_ms(),
                        make_parts(counts, mask, derive_seed(fit.seed, "held-out blocks")),
                        scored_entries(counts, rates));
  const bool combines =
      config.infer.combine && models.front().network == "masked_gru" && !fit.trial_fold.empty();
  const std::vector<Method> methods = methods_of(bins, counts, fit, models, config, combines, progress.gpfa);
  for (const Method& method : methods) progress.methods.try_emplace(method.name);
  std::vector<artifact::MethodScore> scores(methods.size());
  // GPFA, which takes longest, is last; it is to start first.
  parallel_for(methods.size(), threads, [&](std::size_t i) {
    const std::size_t method = methods.size() - 1 - i;
    scores[method] = predict(methods[method], scoring, config, progress.methods.at(methods[method].name));
  });
  if (models.front().network != "masked_gru")
    table.methods.push_back(scoring.of("rnn", over_all_bins(rates.rate_hz, counts)));
  if (combines)
    table.methods.push_back(combine_rates(counts, bins.bin_ms(), scoring, threads, progress, rates));
  for (artifact::MethodScore& score : scores) {
    if (!config.infer.baselines && score.name != "rnn") continue;
    score.rate_hz = progress.methods.at(score.name).rate_hz;
    table.methods.push_back(std::move(score));
  }
  std::stable_sort(table.methods.begin(), table.methods.end(),
                   [](const auto& a, const auto& b) { return a.bits_per_spike > b.bits_per_spike; });
  return table;
}

}  // namespace rnn_rates::infer_write
