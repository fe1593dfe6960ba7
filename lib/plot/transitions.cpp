#include "plot/transitions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.hpp"

namespace rnn_rates::plot {
namespace {

constexpr double by_chance = 0.05;
constexpr std::size_t shuffled_trials = 1000, fewest_trials = 5;

/// (trial, factor, bin) the squared distance between the mean of a factor in the bins of the window before a
/// bin's start and in those of the window after it, and the bins that have both.
struct Distances {
  Array<float, 3> squared;
  std::size_t first = 0, end = 0;
};

Distances distances(const Array<float, 3>& latents, std::span<const double> time_ms, double bin_ms,
                    double window_ms) {
  const auto half = static_cast<std::size_t>(std::max(1.0, std::round(window_ms / bin_ms)));
  const std::size_t bins = latents.extent(2);
  Distances result{Array<float, 3>(latents.shape()), half, std::max(half, bins + 1 - std::min(half, bins))};
  while (result.first < result.end && time_ms[result.first] - bin_ms / 2.0 < 0.0) ++result.first;
  for (std::size_t row = 0; row < latents.extent(0) * latents.extent(1); ++row) {
    const auto values = latents.values().subspan(row * bins, bins);
    for (std::size_t bin = result.first; bin < result.end; ++bin) {
      double difference = 0.0;
      for (std::size_t i = 0; i < half; ++i)
        difference += static_cast<double>(values[bin + i]) - static_cast<double>(values[bin - 1 - i]);
      difference /= static_cast<double>(half);
      result.squared.data()[row * bins + bin] = static_cast<float>(difference * difference);
    }
  }
  return result;
}

struct Change {
  double distance = -1.0;
  std::size_t bin = 0;
  double at_once = 0.0;  ///< the distance over the sum of each factor's own largest, which is 1 at most
};

/// Of a trial whose factor f is that of trial `trial_of(f)`.
template <class TrialOf>
Change largest_change(const Distances& distances, TrialOf&& trial_of) {
  Change largest;
  for (std::size_t bin = distances.first; bin < distances.end; ++bin) {
    double distance = 0.0;
    for (std::size_t factor = 0; factor < distances.squared.extent(1); ++factor)
      distance += static_cast<double>(distances.squared(trial_of(factor), factor, bin));
    if (distance > largest.distance) largest = {distance, bin};
  }
  double apart = 0.0;
  for (std::size_t factor = 0; factor < distances.squared.extent(1); ++factor) {
    double most = 0.0;
    for (std::size_t bin = distances.first; bin < distances.end; ++bin)
      most = std::max(most, static_cast<double>(distances.squared(trial_of(factor), factor, bin)));
    apart += most;
  }
  largest.at_once = apart > 0.0 ? largest.distance / apart : 0.0;
  return largest;
}

/// What 95% of shuffled trials stay below.
double largest_by_chance(const Distances& distances) {
  RandomStream random(derive_seed(0, "shuffled trials"));
  std::vector<double> largest;
  while (largest.size() < shuffled_trials) {
    std::vector<std::size_t> trials;
    while (trials.size() < distances.squared.extent(1)) {
      for (const std::size_t trial : random.permutation(distances.squared.extent(0))) trials.push_back(trial);
    }
    largest.push_back(largest_change(distances, [&](std::size_t factor) { return trials[factor]; }).at_once);
  }
  const auto at = largest.begin() + static_cast<std::ptrdiff_t>((1.0 - by_chance) * shuffled_trials);
  std::nth_element(largest.begin(), at, largest.end());
  return *at;
}

/// Probability of at least `passed` of `trials` where each passes with probability by_chance.
double chance_of(std::size_t passed, std::size_t trials) {
  const auto n = static_cast<double>(trials);
  double sum = 0.0;
  for (std::size_t k = passed; k <= trials; ++k) {
    const auto x = static_cast<double>(k);
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0) +
                    x * std::log(by_chance) + (n - x) * std::log1p(-by_chance));
  }
  return sum;
}

/// (trial)
std::vector<Change> largest_changes(const Distances& distances) {
  std::vector<Change> changes;
  changes.reserve(distances.squared.extent(0));
  for (std::size_t trial = 0; trial < distances.squared.extent(0); ++trial)
    changes.push_back(largest_change(distances, [&](std::size_t) { return trial; }));
  return changes;
}

/// (trial) when they are; NaN where there is none, or it happens less at once than `at_once`.
std::vector<double> times_ms_of(const std::vector<Change>& changes, std::span<const double> time_ms,
                                double bin_ms, double at_once) {
  std::vector<double> times;
  times.reserve(changes.size());
  for (const Change& change : changes) {
    const bool counts = change.distance >= 0.0 && change.at_once > at_once;
    times.push_back(counts ? time_ms[change.bin] - bin_ms / 2.0 : std::numeric_limits<double>::quiet_NaN());
  }
  return times;
}

}  // namespace

std::vector<double> transition_times_ms(const Array<float, 3>& latents, std::span<const double> time_ms,
                                        double bin_ms, double window_ms) {
  return times_ms_of(largest_changes(distances(latents, time_ms, bin_ms, window_ms)), time_ms, bin_ms, -1.0);
}

std::vector<double> certain_transition_times_ms(const Array<float, 3>& latents,
                                                std::span<const double> time_ms, double bin_ms,
                                                double window_ms) {
  const std::size_t trials = latents.extent(0);
  std::vector<double> none(trials, std::numeric_limits<double>::quiet_NaN());
  if (trials < fewest_trials || latents.extent(1) < 2) return none;
  const Distances all = distances(latents, time_ms, bin_ms, window_ms);
  std::vector<double> times = times_ms_of(largest_changes(all), time_ms, bin_ms, largest_by_chance(all));
  const auto passed = static_cast<std::size_t>(
      std::count_if(times.begin(), times.end(), [](double time) { return std::isfinite(time); }));
  return chance_of(passed, trials) < by_chance ? times : none;
}

}  // namespace rnn_rates::plot
