#include "plot/unit_summary.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace rnn_rates::plot {
namespace {

/// Spikes of each trial of one unit in its bins that were recorded; adds the number of these to `bins`.
std::vector<double> spikes_by_trial(const TasteRates& taste, std::size_t unit, double& bins) {
  std::vector<double> spikes(taste.counts.extent(0), 0.0);
  for (std::size_t trial = 0; trial < spikes.size(); ++trial) {
    for (std::size_t bin = 0; bin < taste.counts.extent(2); ++bin) {
      if (taste.observed.size() > 0 && taste.observed(trial, unit, bin) == 0) continue;
      spikes[trial] += taste.counts(trial, unit, bin);
      bins += 1.0;
    }
  }
  return spikes;
}

/// Earlier against later trials, summed over conditions.
struct Halves {
  double earlier = 0.0, later = 0.0, variance = 0.0;

  void add(const std::vector<double>& spikes) {
    const std::size_t half = spikes.size() / 2;
    if (half < 2) return;
    add(std::span(spikes).first(half), earlier);
    add(std::span(spikes).last(half), later);
  }

  bool drift() const {
    const double fewer = std::min(earlier, later), more = std::max(earlier, later);
    return more > 1.5 * fewer && more - fewer > 4.0 * std::sqrt(variance);
  }

 private:
  void add(std::span<const double> spikes, double& sum) {
    const auto n = static_cast<double>(spikes.size());
    Moments moments;
    for (const double count : spikes) moments.add(count);
    sum += n * moments.mean();
    variance += n * moments.variance() * n / (n - 1.0);
  }
};

}  // namespace

std::vector<UnitSummary> summarise_units(const RegionRates& rates) {
  std::vector<UnitSummary> units(rates.units.size());
  for (std::size_t unit = 0; unit < units.size(); ++unit) {
    double spikes = 0.0, bins = 0.0, trials = 0.0;
    Halves halves;
    for (const TasteRates& taste : rates.tastes) {
      const std::vector<double> by_trial = spikes_by_trial(taste, unit, bins);
      for (const double count : by_trial) spikes += count;
      trials += static_cast<double>(by_trial.size());
      halves.add(by_trial);
    }
    UnitSummary& summary = units[unit];
    summary.rate_hz = bins > 0.0 ? spikes / bins * 1000.0 / rates.bin_ms : 0.0;
    if (spikes == 0.0) {
      summary.flags.emplace_back("silent");
    } else if (spikes < trials) {
      summary.flags.emplace_back("few spikes");
    }
    if (halves.drift()) summary.flags.emplace_back("drifts");
  }
  return units;
}

}  // namespace rnn_rates::plot
