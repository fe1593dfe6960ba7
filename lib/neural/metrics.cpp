#include "neural/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numbers>

#include "core/error.hpp"

namespace rnn_rates::neural {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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

/// One entry that is scored: what its prediction adds to the bits against its unit's mean rate.
struct Entry {
  std::size_t trial, unit, bin;
  double bits, spikes;
};

/// Calls visit(entry) for those that `scored` marks and that were observed, unit by unit.
template <class Visit>
void for_each_scored(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                     const Array<std::uint8_t, 3>& scored, double floor_hz, Visit visit) {
  check_same_shape(predicted_hz, observed_hz);
  if (scored.size() != 0 && scored.shape() != observed_hz.shape())
    throw Error(ErrorKind::bug, "cannot score {} of {} rates", scored.size(), observed_hz.size());
  const auto [trials, units, bins] = observed_hz.shape();
  const auto counts = [&](std::size_t i) {
    return (scored.size() == 0 || scored.values()[i] != 0) && !std::isnan(observed_hz.values()[i]);
  };
  // Counts are rates times the bin width, and log n! is in both likelihoods: the width and it cancel.
  for (std::size_t unit = 0; unit < units; ++unit) {
    double spikes = 0.0, entries = 0.0;
    for_each_sample(observed_hz, unit, [&](std::size_t i) {
      if (!counts(i)) return;
      spikes += observed_hz.values()[i];
      entries += 1.0;
    });
    const double mean = spikes / entries;
    const std::size_t per_trial = units * bins, in_bin = bins;  // clang 14 captures no structured bindings.
    for_each_sample(observed_hz, unit, [&, unit](std::size_t i) {
      if (!counts(i)) return;
      const double observed = observed_hz.values()[i];
      // std::max(floor, NaN) would hide a NaN prediction.
      const double predicted =
          predicted_hz.values()[i] < floor_hz ? floor_hz : double{predicted_hz.values()[i]};
      double gain = mean - predicted;
      if (observed > 0.0) gain += observed * std::log(predicted / mean);
      visit(Entry{i / per_trial, unit, i % in_bin, gain / std::numbers::ln2, observed});
    });
  }
}

}  // namespace

R2 r2(const Array<float, 3>& predicted_hz, const Array<float, 3>& truth_hz) {
  check_same_shape(predicted_hz, truth_hz);
  const std::size_t units = truth_hz.extent(1);
  R2 result{0.0, 0.0, std::vector<double>(units, nan)};
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
  return deviation > 0.0 ? 1.0 - error / deviation : nan;
}

double bits_per_spike(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                      double floor_hz) {
  return bits_per_spike_of(predicted_hz, observed_hz, {}, floor_hz).pooled;
}

BitsPerSpike bits_per_spike_of(const Array<float, 3>& predicted_hz, const Array<float, 3>& observed_hz,
                               const Array<std::uint8_t, 3>& scored, double floor_hz) {
  BitsPerSpike bits{nan, {}};
  std::vector<Information> units(observed_hz.extent(1));
  for_each_scored(predicted_hz, observed_hz, scored, floor_hz, [&](const Entry& entry) {
    units[entry.unit].bits += entry.bits;
    units[entry.unit].spikes += entry.spikes;
  });
  for (const Information& unit : units)
    bits.per_unit.push_back(unit.spikes > 0.0 ? unit.bits / unit.spikes : nan);
  bits.pooled = bits_per_spike(units);
  return bits;
}

std::vector<Information> information_of_runs(const Array<float, 3>& predicted_hz,
                                             const Array<float, 3>& observed_hz,
                                             const Array<std::uint8_t, 3>& scored,
                                             const Array<std::uint32_t, 2>& run_of, double floor_hz) {
  std::map<std::uint32_t, Information> runs;
  for_each_scored(predicted_hz, observed_hz, scored, floor_hz, [&](const Entry& entry) {
    Information& run = runs[run_of(entry.trial, entry.bin)];
    run.bits += entry.bits;
    run.spikes += entry.spikes;
  });
  std::vector<Information> in_order;
  in_order.reserve(runs.size());
  for (const auto& [number, run] : runs) in_order.push_back(run);
  return in_order;
}

double bits_per_spike(std::span<const Information> runs) {
  double bits = 0.0, spikes = 0.0;
  for (const Information& run : runs) {
    bits += run.bits;
    spikes += run.spikes;
  }
  return spikes > 0.0 ? bits / spikes : nan;
}

double bits_per_spike_error(std::span<const Information> runs) {
  double bits = 0.0, spikes = 0.0, mean = 0.0, square = 0.0;
  for (const Information& run : runs) {
    bits += run.bits;
    spikes += run.spikes;
  }
  const auto count = static_cast<double>(runs.size());
  const auto without = [&](const Information& run) { return (bits - run.bits) / (spikes - run.spikes); };
  for (const Information& run : runs) mean += without(run) / count;
  for (const Information& run : runs) square += (without(run) - mean) * (without(run) - mean);
  return count > 1.0 ? std::sqrt((count - 1.0) / count * square) : nan;
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
