#include "session/plausible_times.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace rnn_rates::session {
namespace {

struct Extent {
  double from_s, to_s;
  double length_s() const { return to_s - from_s; }
};

Extent extent_of(const std::vector<double>& times_s) {
  const auto [least, greatest] = std::minmax_element(times_s.begin(), times_s.end());
  return {*least, *greatest};
}

/// Mean over units.
double mean_rate_hz(const RecordedSpan& recorded) {
  const double recorded_s = recorded.last_s - recorded.first_s;
  const auto units = static_cast<double>(std::max<std::size_t>(recorded.units, 1));
  return recorded_s > 0 ? static_cast<double>(recorded.spikes) / recorded_s / units : 0;
}

std::string describe(const TimesOfRecording& times, const RecordedSpan& recorded) {
  const Extent trials = extent_of(times.trials_s);
  return fmt::format(
      "the {} spikes cover {:.6g} to {:.6g} s, {:.3g} Hz a unit; the {} of {} trials cover {:.6g} to {:.6g} "
      "s. "
      "Are both in seconds, since the same moment?",
      recorded.spikes, recorded.first_s, recorded.last_s, mean_rate_hz(recorded), times.column,
      times.trials_s.size(), trials.from_s, trials.to_s);
}

/// The most trials in a stretch of `length_s`.
std::size_t most_within(std::vector<double> times_s, double length_s) {
  std::sort(times_s.begin(), times_s.end());
  std::size_t most = 0, first = 0;
  for (std::size_t last = 0; last < times_s.size(); ++last) {
    while (times_s[last] - times_s[first] > length_s) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

void check_clocks(const TimesOfRecording& times, const RecordedSpan& recorded) {
  constexpr double few = 0.01, slow_hz = 0.1;
  const double recorded_s = recorded.last_s - recorded.first_s;
  if (times.trials_s.size() < 2 || !(recorded_s > 0)) return;
  const double trials_s = extent_of(times.trials_s).length_s() + times.before_s + times.after_s;
  if (trials_s >= few * recorded_s || mean_rate_hz(recorded) >= slow_hz) return;
  throw Error(ErrorKind::input, "{}: trials fill {:.2g}% of the recording: {}", times.where,
              100 * trials_s / recorded_s, describe(times, recorded));
}

void check_spikes_in_windows(const TimesOfRecording& times, const RecordedSpan& recorded) {
  constexpr double few = 0.01, share_of_expected = 0.2, enough = 20;
  double covered_s = 0;
  for (const auto& [from_s, to_s] : windows_of(times))
    covered_s += std::max(0.0, std::min(to_s, recorded.last_s) - std::max(from_s, recorded.first_s));
  const double recorded_s = recorded.last_s - recorded.first_s;
  if (!(recorded_s > 0)) return;
  const auto spikes = static_cast<double>(recorded.spikes), inside = static_cast<double>(recorded.in_windows);
  const double expected = spikes * covered_s / recorded_s;
  if (inside >= few * spikes || expected < enough || inside >= share_of_expected * expected) return;
  throw Error(ErrorKind::input,
              "{}: {} of {} spikes lie in the windows of trials, which cover {:.3g}% of the recording: {}",
              times.where, recorded.in_windows, recorded.spikes, 100 * covered_s / recorded_s,
              describe(times, recorded));
}

}  // namespace

Stretches windows_of(const TimesOfRecording& times) {
  Stretches windows;
  windows.reserve(times.trials_s.size());
  for (const double time_s : times.trials_s)
    windows.push_back({time_s - times.before_s, time_s + times.after_s});
  return joined(std::move(windows));
}

RecordedSpan recorded_span(std::span<const UnitTimes> units, double seconds) {
  RecordedSpan span{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                    units.size()};
  for (const UnitTimes& unit : units) {
    span.first_s = std::min(span.first_s, unit.first() * seconds);
    span.last_s = std::max(span.last_s, unit.last() * seconds);
    span.spikes += unit.count();
    span.in_windows += unit.kept();
  }
  return span;
}

bool outside(double trial_s, const TimesOfRecording& times, const RecordedSpan& recorded) {
  return trial_s > recorded.last_s || trial_s + times.after_s < recorded.first_s;
}

void check_trials_apart(const TimesOfRecording& times, double recorded_s) {
  constexpr std::size_t enough = 10;
  constexpr double much_longer = 10;
  const std::size_t trials = times.trials_s.size(), together = most_within(times.trials_s, 0);
  const std::string advice =
      "Times must count from the start of the recording, not of the trial" + times.advice;
  if (together > 1 && 2 * together > trials) {
    throw Error(ErrorKind::input, "{}: {} of {} trials have one and the same {}. {}", times.where, together,
                trials, times.column, advice);
  }
  const double window_s = times.before_s + times.after_s;
  const std::size_t close = most_within(times.trials_s, window_s);
  if (trials < enough || 2 * close <= trials || recorded_s < much_longer * window_s) return;
  throw Error(ErrorKind::input,
              "{}: {} of {} trials have a {} within {:.3g} s, one window, and {:.3g} s were recorded. {}",
              times.where, close, trials, times.column, window_s, recorded_s, advice);
}

void check_plausible(const TimesOfRecording& times, const RecordedSpan& recorded) {
  if (times.trials_s.empty() || recorded.spikes == 0) return;
  const auto away = static_cast<std::size_t>(
      std::count_if(times.trials_s.begin(), times.trials_s.end(),
                    [&](double trial_s) { return outside(trial_s, times, recorded); }));
  if (2 * away > times.trials_s.size()) {
    throw Error(ErrorKind::input, "{}: {} of {} trials lie outside of what was recorded: {}", times.where,
                away, times.trials_s.size(), describe(times, recorded));
  }
  check_trials_apart(times, recorded.last_s - recorded.first_s);
  check_clocks(times, recorded);
  check_spikes_in_windows(times, recorded);
}

std::optional<std::string> doubt_of_unit(const TimesOfRecording& times, const RecordedSpan& recorded) {
  constexpr double slow_hz = 0.02, day_s = 86400;
  const double recorded_s = recorded.last_s - recorded.first_s;
  if (recorded.spikes == 0 || recorded_s < day_s || mean_rate_hz(recorded) >= slow_hz) return std::nullopt;
  return fmt::format(
      "{}: {:.2g} days were recorded, in which units fire {:.2g} Hz on average. Are times in ms? "
      "They must be in seconds",
      times.where, recorded_s / day_s, mean_rate_hz(recorded));
}

}  // namespace rnn_rates::session
