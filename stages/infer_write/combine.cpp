#include "infer_write/combine.hpp"

#include <algorithm>
#include <cmath>

#include "artifact/pca_file.hpp"
#include "core/parallel.hpp"
#include "core/stop.hpp"
#include "neural/fits.hpp"
#include "neural/split.hpp"

namespace rnn_rates::infer_write {
namespace {

using Rates = Array<float, 3>;

void keep_silent_units(const Rates& network_hz, const neural::Stack& stack, Rates& combined_hz) {
  const auto [trials, units, bins] = network_hz.shape();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      if (stack.mean_hz[unit] > 0.0) continue;
      std::copy_n(&network_hz(trial, unit, 0), bins, &combined_hz(trial, unit, 0));
    }
  }
}

}  // namespace

void fit_combination(std::span<const Rates> held_out_hz, const Array<std::uint16_t, 3>& counts,
                     std::span<const std::uint32_t> trial_fold, double bin_ms, std::size_t threads,
                     Combination& combination) {
  const std::size_t folds = artifact::fold_count(trial_fold);
  combination.folds.resize(folds);
  parallel_for(folds + 1, threads, [&](std::size_t fold) {
    neural::Stack& stack = fold == folds ? combination.all : combination.folds[fold];
    if (!stack.weights.empty()) return;
    // The one after the last fold leaves out none.
    const auto trials = neural::split_of_fold(trial_fold, static_cast<std::uint32_t>(fold)).train_trials;
    stack = neural::fit_stack(held_out_hz, counts, trials, bin_ms, stop_token());
  });
}

Rates out_of_fold_hz(const Combination& combination, std::span<const Rates> rates_hz,
                     std::span<const std::uint32_t> trial_fold) {
  Rates result(rates_hz.front().shape());
  const std::size_t per_trial = result.extent(1) * result.extent(2);
  for (std::size_t fold = 0; fold < combination.folds.size(); ++fold) {
    const auto trials = neural::split_of_fold(trial_fold, static_cast<std::uint32_t>(fold)).test_trials;
    std::vector<Rates> of_fold;
    of_fold.reserve(rates_hz.size());
    for (const Rates& rates : rates_hz) of_fold.push_back(neural::trials_of(rates, trials));
    Rates stacked = neural::stacked_rate_hz(combination.folds[fold], of_fold);
    keep_silent_units(of_fold.front(), combination.folds[fold], stacked);
    for (std::size_t i = 0; i < trials.size(); ++i)
      std::copy_n(&stacked(i, 0, 0), per_trial, &result(trials[i], 0, 0));
  }
  return result;
}

void combine(artifact::FitRates& rates, const Combination& combination, std::vector<Rates> others_hz,
             double bin_ms) {
  std::vector<Rates> methods_hz = std::move(others_hz);
  methods_hz.insert(methods_hz.begin(), std::move(rates.rate_out_of_fold_hz));
  rates.rate_out_of_fold_hz = out_of_fold_hz(combination, methods_hz, rates.trial_fold);
  methods_hz.front() = std::move(rates.rate_hz);
  rates.rate_hz = neural::stacked_rate_hz(combination.all, methods_hz);
  keep_silent_units(methods_hz.front(), combination.all, rates.rate_hz);
  const Rates spread = neural::log_rate_spread(combination.all, methods_hz);
  for (std::size_t i = 0; i < rates.rate_hz.size(); ++i) {
    const double rate_hz = rates.rate_hz.values()[i], network_hz = methods_hz.front().values()[i];
    rates.pred_firing.values()[i] = rate_hz * bin_ms / 1000.0;
    float& error_hz = rates.rate_standard_error_hz.values()[i];
    error_hz = static_cast<float>(rate_hz * std::hypot(error_hz / network_hz, double{spread.values()[i]}));
  }
  rates.combination_weights = combination.all.weights;
  rates.combination_shift = combination.all.shift;
}

}  // namespace rnn_rates::infer_write
