#include "neural/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "core/error.hpp"

namespace rnn_rates::neural {

namespace {

void check_same_shape(const Array<float, 3>& a, const Array<float, 3>& b) {
  if (a.shape() == b.shape()) return;
  throw Error(ErrorKind::bug, "cannot compare rates of ({}, {}, {}) with rates of ({}, {}, {})", a.extent(0),
              a.extent(1), a.extent(2), b.extent(0), b.extent(1), b.extent(2));
}

/// Calls visit(index of the element in both arrays) for one unit's trials and bins.
template <class Visit>
void for_each_sample(const Array<float, 3>& rates, std::size_t unit, Visit visit) {
  const auto [trials, units, bins] = rates.shape();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const std::size_t first = (trial * units + unit) * bins;
    for (std::size_t bin = 0; bin < bins; ++bin) visit(first + bin);
  }
}

double unit_mean_rate(const Array<float, 3>& rates, std::size_t unit) {
  double sum = 0.0;
  for_each_sample(rates, unit, [&](std::size_t i) { sum += rates.values()[i]; });
  return sum / static_cast<double>(rates.extent(0) * rates.extent(2));
}

/// Squared deviation of one unit's rates from their mean, summed over trials and bins; 0 where all are equal,
/// whatever rounding does to the mean.
double squared_deviation(const Array<float, 3>& rates, std::size_t unit) {
  const double mean = unit_mean_rate(rates, unit);
  double sum = 0.0;
  bool varies = false;
  for_each_sample(rates, unit, [&](std::size_t i) {
    const double rate = rates.values()[i];
    sum += (rate - mean) * (rate - mean);
    varies |= rates.values()[i] != rates(0, unit, 0);
  });
  return varies ? sum : 0.0;
}

std::size_t taste_count(std::span<const std::uint32_t> trial_taste) {
  return trial_taste.empty() ? 0 : std::size_t{1} + *std::max_element(trial_taste.begin(), trial_taste.end());
}

/// Sums over trials in double (taste, unit, bin), and how many trials each taste has.
struct TasteSums {
  Array<double, 3> sums;
  std::vector<double> trials;
};

TasteSums sum_per_taste(const Array<float, 3>& rates, std::span<const std::uint32_t> trial_taste,
                        std::size_t tastes) {
  const auto [trials, units, bins] = rates.shape();
  TasteSums result{Array<double, 3>({tastes, units, bins}), std::vector<double>(tastes, 0.0)};
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const float* from = &rates(trial, 0, 0);
    double* to = &result.sums(trial_taste[trial], 0, 0);
    for (std::size_t i = 0; i < units * bins; ++i) to[i] += from[i];
    result.trials[trial_taste[trial]] += 1.0;
  }
  return result;
}

}  // namespace

R2 r2(const Array<float, 3>& predicted_hz, const Array<float, 3>& truth_hz) {
  check_same_shape(predicted_hz, truth_hz);
  const std::size_t units = truth_hz.extent(1);
  R2 result{0.0, 0.0, std::vector<double>(units, std::numeric_limits<double>::quiet_NaN())};
  std::vector<double> errors(units, 0.0);
  double varying = 0.0;
  for (std::size_t unit = 0; unit < units; ++unit) {
    for_each_sample(truth_hz, unit, [&](std::size_t i) {
      const double miss = predicted_hz.values()[i] - double{truth_hz.values()[i]};
      errors[unit] += miss * miss;
    });
    const double deviation = squared_deviation(truth_hz, unit);
    if (deviation == 0.0) continue;
    result.per_unit[unit] = 1.0 - errors[unit] / deviation;
    result.unit_mean += result.per_unit[unit];
    varying += 1.0;
  }
  result.pooled = pooled_r2(errors, truth_hz);
  result.unit_mean /= varying;
  return result;
}

double pooled_r2(std::span<const double> squared_errors, const Array<float, 3>& truth_hz) {
  double error = 0.0, deviation = 0.0;
  for (std::size_t unit = 0; unit < squared_errors.size(); ++unit) {
    error += squared_errors[unit];
    deviation += squared_deviation(truth_hz, unit);
  }
  return deviation > 0.0 ? 1.0 - error / deviation : std::numeric_limits<double>::quiet_NaN();
}

double mean_squared_error(const Array<float, 3>& predicted_hz, const Array<float, 3>& truth_hz) {
  check_same_shape(predicted_hz, truth_hz);
  double error = 0.0;
  for (std::size_t i = 0; i < truth_hz.size(); ++i) {
    const double miss = double{predicted_hz.values()[i]} - double{truth_hz.values()[i]};
    error += miss * miss;
  }
  return error / static_cast<double>(truth_hz.size());
}

double bits_per_spike(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                      double floor_hz) {
  return bits_per_spike_of(predicted_hz, observed_hz, {}, floor_hz).pooled;
}

BitsPerSpike bits_per_spike_of(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                               const Array<std::uint8_t, 3>& scored, double floor_hz) {
  check_same_shape(predicted_hz, observed_hz);
  if (scored.size() != 0 && scored.shape() != observed_hz.shape()) {
    throw Error(ErrorKind::bug, "cannot score {} of {} rates", scored.size(), observed_hz.size());
  }
  const auto for_each_scored = [&](std::size_t unit, auto visit) {
    for_each_sample(observed_hz, unit, [&](std::size_t i) {
      const bool counts = scored.size() == 0 || scored.values()[i] != 0;
      if (counts && !std::isnan(observed_hz.values()[i])) visit(i);
    });
  };
  // Counts are rates times the bin width, and log n! is in both likelihoods: the width and it cancel.
  BitsPerSpike bits{std::numeric_limits<double>::quiet_NaN(), {}};
  double all_gain = 0.0, all_spikes = 0.0;
  for (std::size_t unit = 0; unit < observed_hz.extent(1); ++unit) {
    double gain = 0.0, spikes = 0.0, entries = 0.0;
    for_each_scored(unit, [&](std::size_t i) {
      spikes += observed_hz.values()[i];
      entries += 1.0;
    });
    const double mean = spikes / entries;
    for_each_scored(unit, [&](std::size_t i) {
      const double observed = observed_hz.values()[i];
      // std::max(floor, NaN) would hide a NaN prediction.
      const double predicted =
          predicted_hz.values()[i] < floor_hz ? floor_hz : double{predicted_hz.values()[i]};
      if (observed > 0.0) gain += observed * std::log(predicted / mean);
      gain -= predicted - mean;
    });
    all_gain += gain;
    all_spikes += spikes;
    bits.per_unit.push_back(spikes > 0.0 ? gain / (spikes * std::numbers::ln2)
                                         : std::numeric_limits<double>::quiet_NaN());
  }
  if (all_spikes > 0.0) bits.pooled = all_gain / (all_spikes * std::numbers::ln2);
  return bits;
}

Array<float, 3> mean_per_taste(const Array<float, 3>& rates_hz, std::span<const std::uint32_t> trial_taste,
                               std::size_t tastes) {
  const auto [trials, units, bins] = rates_hz.shape();
  Array<double, 3> sums({tastes, units, bins}), seen({tastes, units, bins});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const float* from = &rates_hz(trial, 0, 0);
    const std::size_t first = trial_taste[trial] * units * bins;
    for (std::size_t i = 0; i < units * bins; ++i) {
      if (std::isnan(from[i])) continue;
      sums.values()[first + i] += from[i];
      seen.values()[first + i] += 1.0;
    }
  }
  Array<float, 3> means(sums.shape());
  std::transform(sums.values().begin(), sums.values().end(), seen.values().begin(), means.values().begin(),
                 [](double sum, double trials_seen) { return static_cast<float>(sum / trials_seen); });
  return means;
}

Array<float, 3> mean_of_other_trials(const Array<float, 3>& rates_hz,
                                     std::span<const std::uint32_t> trial_taste) {
  const TasteSums taste_sums = sum_per_taste(rates_hz, trial_taste, taste_count(trial_taste));
  const auto [trials, units, bins] = rates_hz.shape();
  Array<float, 3> means(rates_hz.shape());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const double others = taste_sums.trials[trial_taste[trial]] - 1.0;
    const double* sum = &taste_sums.sums(trial_taste[trial], 0, 0);
    const float* own = &rates_hz(trial, 0, 0);
    float* mean = &means(trial, 0, 0);
    for (std::size_t i = 0; i < units * bins; ++i) {
      mean[i] = others > 0.0 ? static_cast<float>((sum[i] - own[i]) / others)
                             : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return means;
}

}  // namespace rnn_rates::neural
