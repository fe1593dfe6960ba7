#include "session/observed_time.hpp"

#include <algorithm>
#include <limits>

namespace rnn_rates::session {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double seconds(const Intervals& intervals) {
  double sum_s = 0;
  for (const Interval& each : intervals) sum_s += each.stop_s - each.start_s;
  return sum_s;
}

/// From the first to the last spike.
struct SpikeSpan {
  Interval span{infinity, -infinity};
  double spikes = 0;
};

SpikeSpan span_of(const std::vector<UnitTimes>& times, double per_s) {
  SpikeSpan all;
  for (const UnitTimes& unit : times) {
    all.span.start_s = std::min(all.span.start_s, unit.first() / per_s);
    all.span.stop_s = std::max(all.span.stop_s, unit.last() / per_s);
    all.spikes += static_cast<double>(unit.count());
  }
  return all;
}

bool any_spike_in(const std::vector<UnitTimes>& times, const Intervals& intervals) {
  // What is written as the stop of a trial is rounded.
  constexpr double rounding_s = 1e-3;
  return std::ranges::any_of(intervals, [&](const Interval& each) {
    return std::ranges::any_of(times, [&](const UnitTimes& unit) {
      return !unit.between(each.start_s + rounding_s, each.stop_s - rounding_s).empty();
    });
  });
}

/// True where nothing was recorded between `trials`, or epochs, as far as `windows` reach there.
bool is_trialised(const std::vector<UnitTimes>& times, const SpikeSpan& all, const Stretches& windows,
                  const Intervals& trials) {
  constexpr double enough_spikes = 20;
  const double within_s = seconds(common({all.span}, trials));
  if (!(within_s > 0)) return false;
  Intervals between;
  for (const auto& [from_s, to_s] : windows) between.push_back({from_s, to_s});
  between = without(common(united(std::move(between)), {all.span}), trials);
  return seconds(between) * all.spikes / within_s >= enough_spikes && !any_spike_in(times, between);
}

/// Takes from `recorded` what lies before the first and after the last epoch, if no spike does.
void end_with_epochs(const SpikeSpan& all, const Intervals& epochs, Intervals& recorded) {
  constexpr double rounding_s = 1e-3;
  if (epochs.empty()) return;
  const Interval whole{epochs.front().start_s - rounding_s, epochs.back().stop_s + rounding_s};
  if (all.span.start_s >= whole.start_s && all.span.stop_s <= whole.stop_s)
    recorded = common(recorded, {whole});
}

}  // namespace

std::vector<Intervals> observed_time(const std::vector<UnitTimes>& times, double per_s,
                                     const Stretches& windows, const StatedTime& stated) {
  constexpr double spikes_beyond = 10;
  const SpikeSpan all = span_of(times, per_s);
  const double span_s = all.span.stop_s - all.span.start_s;
  Intervals recorded = {{-infinity, infinity}};
  if (span_s > 0) {
    const double beyond_s = spikes_beyond * span_s / all.spikes;
    recorded = {{all.span.start_s - beyond_s, all.span.stop_s + beyond_s}};
    end_with_epochs(all, stated.epochs, recorded);
    if (is_trialised(times, all, windows, stated.trials)) recorded = stated.trials;
    if (is_trialised(times, all, windows, stated.epochs)) recorded = common(recorded, stated.epochs);
  }
  recorded = without(recorded, stated.invalid);
  std::vector<Intervals> observed;
  for (std::size_t unit = 0; unit < times.size(); ++unit) {
    const bool is_stated = unit < stated.units.size() && stated.units[unit];
    // The file knows better than its spikes when a unit was observed.
    observed.push_back(is_stated ? without(*stated.units[unit], stated.invalid) : recorded);
  }
  return observed;
}

}  // namespace rnn_rates::session
