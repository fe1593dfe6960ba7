#include "inference/combine.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/parallel.hpp"
#include "neural/fits.hpp"

namespace rnn_rates::inference {
namespace {

using Rates = Array<float, 3>;

constexpr std::pair<CombineWith, Method> combinable[] = {
    {CombineWith::plds, Method::plds},
    {CombineWith::gpfa, Method::gpfa},
    {CombineWith::gaussian, Method::gaussian},
    {CombineWith::inferred_condition, Method::inferred_condition},
    {CombineWith::condition_average, Method::condition_average}};

void keep_silent_units(const Rates& network_hz, const neural::Stack& stack, Rates& combined_hz) {
  const auto [trials, units, bins] = network_hz.shape();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      if (stack.mean_hz[unit] > 0.0) continue;
      std::copy_n(&network_hz(trial, unit, 0), bins, &combined_hz(trial, unit, 0));
    }
  }
}

/// What the methods predicted of hidden blocks, in the order of `methods`.
std::vector<Rates> hidden_hz(const Predictions& hidden, const std::vector<Method>& methods) {
  std::vector<Rates> rates_hz;
  rates_hz.reserve(methods.size());
  for (const Method method : methods) rates_hz.push_back(hidden.methods.at(method).blocks.rate_hz);
  return rates_hz;
}

/// Variance of the log rates of a fit's networks, mean over spikes: their jackknife error squared is
/// networks - 1 times that.
double ambiguity(const FitData& data, const FitRates& network) {
  double sum = 0.0, spikes = 0.0;
  for (std::size_t i = 0; i < data.counts.size(); ++i) {
    const double count = data.counts.values()[i];
    if (count == 0.0) continue;
    const double error =
        double{network.folds->rate_standard_error_hz.values()[i]} / network.rate_hz.values()[i];
    sum += count * error * error;
    spikes += count;
  }
  const auto networks = static_cast<double>(data.fit.folds.count());
  return spikes > 0.0 ? sum / spikes / (networks - 1.0) : 0.0;
}

/// Each trial by the stack of its fold; `rates_hz` (method), the network's first.
Rates out_of_fold_hz(const FitData& data, const Combination& combination,
                     const std::vector<Rates>& rates_hz) {
  Rates result(rates_hz.front().shape());
  const std::size_t per_trial = result.extent(1) * result.extent(2);
  for (std::size_t fold = 0; fold < combination.folds.size(); ++fold) {
    const auto trials = neural::split_of_fold(data.fit.folds, fold).test_trials;
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

/// (trial, unit) the methods' gains, to the power of their weights; empty without any.
Array<double, 2> combined_gain(const Array<double, 2>& network, const Predictions& hidden,
                               const Combination& combination) {
  Array<double, 2> combined(network.shape(), 1.0);
  for (std::size_t i = 0; i < combination.methods.size(); ++i) {
    const Array<double, 2>& gain = i == 0 ? network : hidden.methods.at(combination.methods[i]).gain;
    for (std::size_t j = 0; j < gain.size(); ++j)
      combined.values()[j] *= std::pow(gain.values()[j], combination.all.weights[i]);
  }
  return combined;
}

}  // namespace

bool is_combined_with(Method method, const SomeOf<CombineWith>& combine_with) {
  return std::any_of(std::begin(combinable), std::end(combinable),
                     [&](const auto& pair) { return pair.second == method && combine_with.has(pair.first); });
}

Combination fit_combination(const FitData& data, const FitRates& network, const Predictions& hidden,
                            const SomeOf<CombineWith>& combine_with, std::size_t threads,
                            const std::stop_token& stop) {
  Combination combination{.methods = {Method::rnn}, .all = {}, .folds = {}, .hidden_hz = {}};
  for (const auto& [choice, method] : combinable) {
    if (combine_with.has(choice) && hidden.methods.contains(method)) combination.methods.push_back(method);
  }
  const std::vector<Rates> rates_hz = hidden_hz(hidden, combination.methods);
  const std::size_t folds = data.fit.folds.count();
  std::vector<std::vector<std::uint32_t>> left_out;
  left_out.reserve(folds);
  for (std::size_t fold = 0; fold < folds; ++fold)
    left_out.push_back(neural::split_of_fold(data.fit.folds, fold).test_trials);
  const auto fit = [&](std::size_t fold, const neural::StackTerms& terms, const neural::Stack& start) {
    // The one after the last fold leaves out none.
    const auto trials = neural::split_of_fold(data.fit.folds, fold).train_trials;
    return neural::fit_stack(rates_hz, data.counts, trials, data.bin_ms(), data.observed, terms, start, stop);
  };
  const neural::Stack plain = fit(folds, {}, {});
  const double towards_equal = neural::choose_towards_equal(plain, left_out, rates_hz, data.counts,
                                                            data.bin_ms(), data.observed, stop);
  combination.folds.resize(folds);
  parallel_for(folds + 1, threads, [&](std::size_t fold) {
    const double less = fold == folds ? ambiguity(data, network) : 0.0;
    (fold == folds ? combination.all : combination.folds[fold]) =
        fit(fold, {.ambiguity = less, .towards_equal = towards_equal}, plain);
  });
  combination.hidden_hz = combined_hidden_hz(data, hidden, combination);
  return combination;
}

Rates combined_hidden_hz(const FitData& data, const Predictions& hidden, const Combination& combination) {
  return out_of_fold_hz(data, combination, hidden_hz(hidden, combination.methods));
}

FitRates combine(const FitData& data, FitRates network, const Predictions& hidden,
                 const Combination& combination) {
  FitRates rates = std::move(network);
  std::vector<Rates> methods_hz = {std::move(rates.folds->rate_out_of_fold_hz)};
  for (std::size_t i = 1; i < combination.methods.size(); ++i)
    methods_hz.push_back(hidden.methods.at(combination.methods[i]).rate_hz);
  rates.folds->rate_out_of_fold_hz = out_of_fold_hz(data, combination, methods_hz);
  methods_hz.front() = std::move(rates.rate_hz);
  rates.rate_hz = neural::stacked_rate_hz(combination.all, methods_hz);
  keep_silent_units(methods_hz.front(), combination.all, rates.rate_hz);
  for (std::size_t i = 0; i < rates.rate_hz.size(); ++i) {
    const double rate_hz = rates.rate_hz.values()[i], network_hz = methods_hz.front().values()[i];
    rates.pred_firing.values()[i] = rate_hz * data.bin_ms() / 1000.0;
    float& error_hz = rates.folds->rate_standard_error_hz.values()[i];
    error_hz = static_cast<float>(combination.all.weights.front() * error_hz * rate_hz / network_hz);
  }
  rates.gain = combined_gain(rates.gain, hidden, combination);
  rates.mixture = Mixture{combination.methods, combination.all.weights, combination.all.shift};
  return rates;
}

}  // namespace rnn_rates::inference
