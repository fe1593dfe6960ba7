#include "inference/predict.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "inference/combine.hpp"
#include "inference/held_out_grus.hpp"
#include "inference/unit_gains.hpp"
#include "neural/baks_rates.hpp"
#include "neural/condition_average.hpp"
#include "neural/drawn_rates.hpp"
#include "neural/gaussian_rates.hpp"
#include "neural/inferred_condition.hpp"
#include "neural/overlap.hpp"
#include "neural/plds.hpp"
#include "neural/smoothing.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::inference {
namespace {

using neural::Hidden;
using Predict = std::function<Array<float, 3>(const Hidden&)>;

/// All methods but the combination, the longest at work first.
constexpr Method by_duration[] = {
    Method::plds, Method::gpfa,     Method::rnn,   Method::inferred_condition, Method::condition_average,
    Method::baks, Method::gaussian, Method::boxcar};

/// The others predict a unit that is hidden in a whole trial by its mean, which scores 0 bits.
bool uses_other_units(Method method) {
  return method == Method::rnn || method == Method::gpfa || method == Method::plds;
}

/// Those that trust few spikes too far.
bool is_drawn_to_mean(Method method) { return method == Method::boxcar || method == Method::baks; }

/// Which entries are hidden when: in blocks, or whole units of a trial.
struct Parts {
  Array<std::uint8_t, 3> blocks, units;
  std::size_t count, block_bins;
};

Parts deal_parts(const FitData& data) {
  constexpr std::size_t patterns = 16;
  constexpr auto count = static_cast<std::size_t>(1.0 / rnn::scored_mask.probability);
  const auto& shape = data.counts.shape();
  Parts parts{neural::block_parts(shape, rnn::scored_mask.block_bins, count, patterns,
                                  derive_seed(data.fit.seed, "held-out blocks")),
              Array<std::uint8_t, 3>(shape), count, rnn::scored_mask.block_bins};
  for (std::size_t trial = 0; trial < shape[0]; ++trial) {
    for (std::size_t unit = 0; unit < shape[1]; ++unit)
      std::fill_n(&parts.units(trial, unit, 0), shape[2], static_cast<std::uint8_t>((trial + unit) % count));
  }
  return parts;
}

/// Of the models that are fitted here.
neural::Folds own_folds(const FitData& data) {
  constexpr std::size_t folds = 4;
  return data.folds_over_trials() ? data.fit.folds
                                  : neural::assign_folds_apart(data.fit.trial_time_s, data.window_ms(),
                                                               data.counts.extent(0), folds);
}

/// Continues fitting `fits` when it first predicts.
Predict gpfa_predictor(const FitData& data, std::vector<neural::GpfaFit>& fits, const std::stop_token& stop) {
  return [&, model = std::optional<neural::GpfaFolds>()](const Hidden& hidden) mutable {
    static constexpr std::uint32_t latents[] = {4, 8, 12};
    if (!model) model = neural::cross_fit_gpfa(data.counts, own_folds(data), latents, fits, stop);
    return neural::predict_gpfa(*model, data.counts, hidden, data.bin_ms(), stop);
  };
}

/// Fits when it first predicts.
Predict plds_predictor(const FitData& data, const std::stop_token& stop) {
  return [&, model = std::optional<neural::PldsFolds>()](const Hidden& hidden) mutable {
    static constexpr std::size_t latents[] = {4, 8, 12};
    const Hidden unobserved = neural::hidden_or_unobserved({}, data.observed);
    if (!model) model = neural::cross_fit_plds(data.counts, unobserved, own_folds(data), latents, stop);
    return neural::predict_plds(*model, data.counts, hidden, data.bin_ms(), stop);
  };
}

/// Refers to its arguments.
Predict predictor(Method method, const FitData& data, const Networks& networks,
                  std::vector<neural::GpfaFit>& gpfa, const std::stop_token& stop) {
  const Array<std::uint16_t, 3>& counts = data.counts;
  const double bin_ms = data.bin_ms();
  switch (method) {
    case Method::rnn:
      return HeldOutGrus(data, std::get<MaskedGrus>(networks), stop);
    case Method::gaussian:
      return [&, bin_ms](const Hidden& hidden) {
        return neural::predict_gaussian(counts, hidden, bin_ms, {}, stop);
      };
    case Method::boxcar:
      return [&, bin_ms](const Hidden& hidden) {
        return neural::boxcar_rate_hz(counts, bin_ms, boxcar_ms, hidden);
      };
    case Method::baks:
      return [&, bin_ms](const Hidden& hidden) { return neural::predict_baks(counts, hidden, bin_ms, stop); };
    case Method::condition_average:
      return [&, bin_ms](const Hidden& hidden) {
        return neural::predict_condition_average(counts, hidden, data.fit.trial_taste, bin_ms,
                                                 data.fit.folds.overlapping, {}, stop);
      };
    case Method::inferred_condition:
      return [&, bin_ms](const Hidden& hidden) {
        return neural::predict_inferred_condition(counts, hidden, data.fit.trial_taste, bin_ms,
                                                  data.fit.folds.overlapping, {}, stop);
      };
    case Method::gpfa:
      return gpfa_predictor(data, gpfa, stop);
    case Method::plds:
      return plds_predictor(data, stop);
    case Method::combined:
      break;
  }
  throw Error(ErrorKind::bug, "'{}' predicts nothing by itself", word(method));
}

}  // namespace

bool combines(const FitData& data, const Networks& networks, const Purpose& purpose) {
  return !purpose.combine_with.empty() && std::holds_alternative<MaskedGrus>(networks) &&
         data.folds_over_trials();
}

std::vector<Method> methods_for(const FitData& data, const Networks& networks, const Purpose& purpose) {
  const bool grus = std::holds_alternative<MaskedGrus>(networks),
             combined = combines(data, networks, purpose);
  const bool held_out = (grus && !data.fit.folds.empty()) || !data.fit.test_trials.empty();
  std::vector<Method> methods;
  for (const Method method : by_duration) {
    const bool possible = method == Method::rnn    ? grus
                          : method == Method::plds ? data.counts.extent(2) > 1 && !own_folds(data).empty()
                          : method == Method::gpfa ? data.counts.extent(2) <= most_gpfa_bins &&
                                                         data.observed.size() == 0 && !own_folds(data).empty()
                                                   : true;
    const bool asked = method == Method::rnn || is_always_scored(method) || purpose.baselines ||
                       (combined && is_combined_with(method, purpose.combine_with));
    if (held_out && possible && asked) methods.push_back(method);
  }
  return methods;
}

Array<std::uint8_t, 3> hidden_parts(const FitData& data) { return deal_parts(data).blocks; }

Predictions predict(const FitData& data, const Networks& networks, const Purpose& purpose, Predictions so_far,
                    std::size_t threads, const std::stop_token& stop) {
  const std::vector<Method> methods = methods_for(data, networks, purpose);
  if (methods.empty()) return so_far;
  const Parts parts = deal_parts(data);
  const bool gains = purpose.gains && std::holds_alternative<MaskedGrus>(networks);
  // A run that was stopped may have been asked for more.
  std::erase_if(so_far.methods, [&](const auto& begun) {
    return std::find(methods.begin(), methods.end(), begun.first) == methods.end();
  });
  for (const Method method : methods) so_far.methods.try_emplace(method);
  try {
    parallel_for(methods.size(), threads, [&](std::size_t i) {
      const Method method = methods[i];
      Prediction& predicted = so_far.methods.at(method);
      const Predict method_hz = predictor(method, data, networks, so_far.gpfa, stop);
      Array<double, 2> gain;
      const Predict predict_hz = [&](const Hidden& hidden) {
        const Hidden unseen = neural::hidden_or_unobserved(hidden, data.observed);
        if (is_drawn_to_mean(method)) {
          // The farther the spikes seen are, the less they tell: how far to trust them is learnt under such
          // gaps.
          return neural::drawn_to_mean_hz(data.counts, unseen, data.bin_ms(),
                                          hidden.size() == 0 ? 1 : parts.block_bins, method_hz, stop);
        }
        Array<float, 3> rates_hz = method_hz(unseen);
        if (gains && follows_gains(method)) gain = follow_gains(data, unseen, rates_hz);
        return rates_hz;
      };
      neural::predict_held_out(parts.blocks, parts.count, predict_hz, predicted.blocks, stop);
      if (uses_other_units(method) && (method == Method::rnn || purpose.baselines))
        neural::predict_held_out(parts.units, parts.count, predict_hz, predicted.units, stop);
      else
        predicted.units = {};
      if (method == Method::rnn || predicted.rate_hz.size() > 0) return;
      predicted.rate_hz = predict_hz({});
      predicted.gain = std::move(gain);
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::stopped) throw;
  }
  return so_far;
}

}  // namespace rnn_rates::inference
