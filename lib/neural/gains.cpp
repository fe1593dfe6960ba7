#include "neural/gains.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>

namespace rnn_rates::neural {

namespace {

constexpr double widths[] = {2, 4, 8, 16, 32, 64};
constexpr double priors[] = {3, 10, 30, 100, 300};
/// Widths of the kernel, beyond which it is taken to be 0.
constexpr double reach = 3.0;

/// (trial) those without a say in each trial's gain, in order, the trial itself among them.
std::vector<std::vector<std::uint32_t>> without_say(std::span<const double> places,
                                                    std::span<const std::vector<std::uint32_t>> overlapping) {
  std::map<double, std::vector<std::uint32_t>> at_place;
  for (std::uint32_t trial = 0; trial < places.size(); ++trial) at_place[places[trial]].push_back(trial);
  std::vector<std::vector<std::uint32_t>> result;
  result.reserve(places.size());
  for (std::size_t trial = 0; trial < places.size(); ++trial) {
    result.push_back(at_place.at(places[trial]));
    if (overlapping.empty()) continue;
    std::vector<std::uint32_t>& trials = result.back();
    trials.insert(trials.end(), overlapping[trial].begin(), overlapping[trial].end());
    std::sort(trials.begin(), trials.end());
    trials.erase(std::unique(trials.begin(), trials.end()), trials.end());
  }
  return result;
}

/// (trial) 0 to conditions - 1, whatever the conditions are called.
std::vector<std::size_t> number_conditions(std::span<const std::uint32_t> trial_condition) {
  std::map<std::uint32_t, std::size_t> numbers;
  for (const std::uint32_t condition : trial_condition) numbers.try_emplace(condition, numbers.size());
  std::vector<std::size_t> condition_of;
  condition_of.reserve(trial_condition.size());
  for (const std::uint32_t condition : trial_condition) condition_of.push_back(numbers.at(condition));
  return condition_of;
}

/// Spikes counted over those expected, of each condition.
class Levels {
 public:
  Levels(const TrialTotals& totals, std::span<const std::uint32_t> trial_condition)
      : totals_(totals), condition_of_(number_conditions(trial_condition)) {
    const auto [trials, units] = totals.counted.shape();
    const std::size_t conditions =
        condition_of_.empty() ? 0 : *std::max_element(condition_of_.begin(), condition_of_.end()) + 1;
    counted_ = expected_ = Array<double, 2>({conditions, units});
    for (std::size_t trial = 0; trial < trials; ++trial) add(trial, 1.0);
  }
  void leave_out(std::size_t trial) { add(trial, -1.0); }
  /// Expected spikes of the trial times its condition's level.
  double expected(std::size_t trial, std::size_t unit) const {
    const std::size_t condition = condition_of_[trial];
    const double expected = expected_(condition, unit);
    // A condition without other trials is taken to be at its level.
    const double level = expected > 1e-9 ? std::max(0.0, counted_(condition, unit)) / expected : 1.0;
    return level * totals_.expected(trial, unit);
  }

 private:
  void add(std::size_t trial, double sign) {
    for (std::size_t unit = 0; unit < totals_.counted.extent(1); ++unit) {
      counted_(condition_of_[trial], unit) += sign * totals_.counted(trial, unit);
      expected_(condition_of_[trial], unit) += sign * totals_.expected(trial, unit);
    }
  }

  const TrialTotals& totals_;
  std::vector<std::size_t> condition_of_;
  Array<double, 2> counted_, expected_;  // (condition, unit)
};

TrialTotals no_totals(const TrialTotals& like) {
  return {Array<double, 2>(like.counted.shape()), Array<double, 2>(like.counted.shape())};
}

/// What the gains of one width are made of, (trial, unit), by levels in which the trials without a say in a
/// trial's gain have none either.
struct Neighbours {
  TrialTotals own;                                      ///< of the trial
  std::array<TrialTotals, std::size(widths)> weighted;  ///< (width) sums over its neighbours, by the kernel
};

Neighbours neighbours_of(const TrialTotals& totals, std::span<const double> places,
                         std::span<const std::uint32_t> trial_condition,
                         std::span<const std::vector<std::uint32_t>> overlapping) {
  const auto [trials, units] = totals.counted.shape();
  const std::vector<std::vector<std::uint32_t>> silent = without_say(places, overlapping);
  const Levels all(totals, trial_condition);
  Neighbours result{{totals.counted, Array<double, 2>(totals.expected.shape())}, {}};
  result.weighted.fill(no_totals(totals));
  for (std::size_t trial = 0; trial < trials; ++trial) {
    Levels levels = all;
    for (const std::uint32_t other : silent[trial]) levels.leave_out(other);
    for (std::size_t unit = 0; unit < units; ++unit)
      result.own.expected(trial, unit) = levels.expected(trial, unit);
    for (std::size_t other = 0; other < trials; ++other) {
      const double distance = std::abs(places[other] - places[trial]);
      if (distance > reach * widths[std::size(widths) - 1] ||
          std::binary_search(silent[trial].begin(), silent[trial].end(), other))
        continue;
      for (std::size_t width = 0; width < std::size(widths); ++width) {
        const double z = distance / widths[width];
        if (z > reach) continue;
        const double weight = std::exp(-0.5 * z * z);
        TrialTotals& sums = result.weighted[width];
        for (std::size_t unit = 0; unit < units; ++unit) {
          sums.counted(trial, unit) += weight * totals.counted(other, unit);
          sums.expected(trial, unit) += weight * levels.expected(other, unit);
        }
      }
    }
  }
  return result;
}

Array<double, 2> gains_of(const TrialTotals& weighted, double prior) {
  Array<double, 2> gains(weighted.counted.shape());
  for (std::size_t i = 0; i < gains.size(); ++i)
    gains.values()[i] = (prior + weighted.counted.values()[i]) / (prior + weighted.expected.values()[i]);
  return gains;
}

/// What gains add to the log-likelihood of the trials' totals.
struct Won {
  double sum = 0.0, standard_error = 0.0;
};

Won won_by(const Array<double, 2>& gains, const TrialTotals& own) {
  const auto [trials, units] = gains.shape();
  double sum = 0.0, squares = 0.0;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double of_trial = 0.0;
    for (std::size_t unit = 0; unit < units; ++unit) {
      const double gain = gains(trial, unit);
      of_trial += own.counted(trial, unit) * std::log(gain) - own.expected(trial, unit) * (gain - 1.0);
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
                                std::span<const std::uint32_t> trial_condition,
                                std::span<const std::vector<std::uint32_t>> overlapping) {
  Array<double, 2> best(totals.counted.shape(), 1.0);
  const Neighbours neighbours = neighbours_of(totals, places, trial_condition, overlapping);
  double most = 0.0;
  for (const TrialTotals& weighted : neighbours.weighted) {
    for (const double prior : priors) {
      Array<double, 2> gains = gains_of(weighted, prior);
      const Won won = won_by(gains, neighbours.own);
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
