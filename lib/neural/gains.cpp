#include "neural/gains.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace rnn_rates::neural {

namespace {

constexpr double widths[] = {2, 4, 8, 16, 32, 64};
constexpr double priors[] = {3, 10, 30, 100, 300};
/// Widths of the kernel, beyond which it is taken to be 0.
constexpr double reach = 3.0;

bool overlap(std::span<const std::vector<std::uint32_t>> overlapping, std::size_t trial, std::size_t other) {
  return !overlapping.empty() && std::binary_search(overlapping[trial].begin(), overlapping[trial].end(),
                                                    static_cast<std::uint32_t>(other));
}

/// (trial, unit) spikes counted over those expected, of all trials but those that have no say in the trial's
/// gain.
Array<double, 2> levels(const TrialTotals& totals, std::span<const std::vector<std::uint32_t>> overlapping) {
  const auto [trials, units] = totals.counted.shape();
  Array<double, 2> level({trials, units}, 1.0);
  for (std::size_t unit = 0; unit < units; ++unit) {
    double all_counted = 0.0, all_expected = 0.0;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      all_counted += totals.counted(trial, unit);
      all_expected += totals.expected(trial, unit);
    }
    for (std::size_t trial = 0; trial < trials; ++trial) {
      double counted = all_counted - totals.counted(trial, unit),
             expected = all_expected - totals.expected(trial, unit);
      if (!overlapping.empty()) {
        for (const std::uint32_t other : overlapping[trial]) {
          counted -= totals.counted(other, unit);
          expected -= totals.expected(other, unit);
        }
      }
      if (expected > 0.0) level(trial, unit) = counted / expected;
    }
  }
  return level;
}

/// Totals of the neighbours of each trial, weighted by the kernel.
TrialTotals smooth(const TrialTotals& totals, std::span<const double> places,
                   std::span<const std::vector<std::uint32_t>> overlapping, double width) {
  const auto [trials, units] = totals.counted.shape();
  std::vector<std::size_t> order(trials);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return places[a] < places[b]; });
  TrialTotals smoothed{Array<double, 2>({trials, units}), Array<double, 2>({trials, units})};
  std::size_t first = 0;
  for (const std::size_t trial : order) {
    while (places[order[first]] < places[trial] - reach * width) ++first;
    for (std::size_t next = first; next < trials; ++next) {
      const std::size_t other = order[next];
      const double z = (places[other] - places[trial]) / width;
      if (z > reach) break;
      if (other == trial || overlap(overlapping, trial, other)) continue;
      const double weight = std::exp(-0.5 * z * z);
      for (std::size_t unit = 0; unit < units; ++unit) {
        smoothed.counted(trial, unit) += weight * totals.counted(other, unit);
        smoothed.expected(trial, unit) += weight * totals.expected(other, unit);
      }
    }
  }
  return smoothed;
}

Array<double, 2> gains_of(const TrialTotals& smoothed, const Array<double, 2>& level, double prior) {
  Array<double, 2> gains(smoothed.counted.shape());
  for (std::size_t i = 0; i < gains.size(); ++i)
    gains.values()[i] =
        (prior + smoothed.counted.values()[i]) / (prior + level.values()[i] * smoothed.expected.values()[i]);
  return gains;
}

/// What gains add to the log-likelihood of the trials' totals.
struct Won {
  double sum = 0.0, standard_error = 0.0;
};

Won won_by(const Array<double, 2>& gains, const Array<double, 2>& level, const TrialTotals& totals) {
  const auto [trials, units] = gains.shape();
  double sum = 0.0, squares = 0.0;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double of_trial = 0.0;
    for (std::size_t unit = 0; unit < units; ++unit) {
      const double gain = gains(trial, unit), expected = level(trial, unit) * totals.expected(trial, unit);
      of_trial += totals.counted(trial, unit) * std::log(gain) - expected * (gain - 1.0);
    }
    sum += of_trial;
    squares += of_trial * of_trial;
  }
  return {sum, std::sqrt(std::max(0.0, squares - sum * sum / static_cast<double>(trials)))};
}

template <class T>
void multiply(const Array<double, 2>& gains, Array<T, 3>& values) {
  const std::size_t bins = values.extent(2);
  for (std::size_t i = 0; i < values.size(); ++i)
    values.values()[i] *= static_cast<T>(gains.values()[i / bins]);
}

}  // namespace

TrialTotals trial_totals(const Array<std::uint16_t, 3>& counts, const Array<float, 3>& rates_hz,
                         const Hidden& hidden, double bin_ms) {
  check_hidden(counts, hidden);
  const auto [trials, units, bins] = counts.shape();
  TrialTotals totals{Array<double, 2>({trials, units}), Array<double, 2>({trials, units})};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (hidden.size() != 0 && hidden.values()[i] != 0) continue;
    totals.counted.values()[i / bins] += counts.values()[i];
    totals.expected.values()[i / bins] += double{rates_hz.values()[i]} * bin_ms / 1000.0;
  }
  return totals;
}

std::vector<double> places_in_session(std::span<const std::uint32_t> trial_condition,
                                      std::span<const double> trial_time_s) {
  std::vector<double> places(trial_condition.size());
  if (trial_time_s.empty()) {
    std::map<std::uint32_t, double> seen;
    for (std::size_t trial = 0; trial < places.size(); ++trial)
      places[trial] = seen[trial_condition[trial]]++;
    for (double& place : places) place *= static_cast<double>(seen.size());
    return places;
  }
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return trial_time_s[a] < trial_time_s[b]; });
  for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = static_cast<double>(i);
  return places;
}

Array<double, 2> estimate_gains(const TrialTotals& totals, std::span<const double> places,
                                std::span<const std::vector<std::uint32_t>> overlapping) {
  Array<double, 2> best(totals.counted.shape(), 1.0);
  const Array<double, 2> level = levels(totals, overlapping);
  double most = 0.0;
  for (const double width : widths) {
    const TrialTotals smoothed = smooth(totals, places, overlapping, width);
    for (const double prior : priors) {
      Array<double, 2> gains = gains_of(smoothed, level, prior);
      const Won won = won_by(gains, level, totals);
      if (won.sum <= most || won.sum <= 2.0 * won.standard_error) continue;
      most = won.sum;
      best = std::move(gains);
    }
  }
  return best;
}

void multiply_gains(const Array<double, 2>& gains, Array<float, 3>& rates_hz) { multiply(gains, rates_hz); }
void multiply_gains(const Array<double, 2>& gains, Array<double, 3>& counts) { multiply(gains, counts); }

}  // namespace rnn_rates::neural
