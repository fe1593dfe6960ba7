#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "session/spike_times.hpp"

namespace rnn_rates::session {

/// What is looked at to find times that cannot be right.
struct TimesOfRecording {
  std::string where;             ///< the table of trials
  std::string column;            ///< its column of times
  std::string advice;            ///< how to choose another column
  std::vector<double> trials_s;  ///< (trial) of the stimulus, any order, all finite
  double before_s = 0;           ///< a trial's window starts this long before its stimulus
  double after_s = 0;            ///< and ends this long after it
};

/// The windows of all trials.
Stretches windows_of(const TimesOfRecording& times);

/// The spikes of all units, and when they were.
struct RecordedSpan {
  double first_s = 0, last_s = 0;
  std::size_t units = 0, spikes = 0, in_windows = 0;
};
/// `seconds`: length of one step of the units' clock.
RecordedSpan recorded_span(std::span<const UnitTimes> units, double seconds);

/// True where the trial's window lies before the first spike, or its stimulus after the last.
bool outside(double trial_s, const TimesOfRecording& times, const RecordedSpan& recorded);

/// Throws Error(input), with the numbers, where most trials are at one time, or within one window of each
/// other in a recording of ten times that, as if times counted from each trial's start.
void check_trials_apart(const TimesOfRecording& times, double recorded_s);

/// Throws Error(input) as check_trials_apart() does; where most trials are outside of what was recorded; and
/// where spikes and trials seem to be told by different clocks: trials fill less than a hundredth of a time
/// in which units fire less than 0.1 Hz, or less than a hundredth of the spikes lie in windows, a fifth of
/// what the windows' share of the time lets expect.
void check_plausible(const TimesOfRecording& times, const RecordedSpan& recorded);

/// A warning where both seem to count in something shorter than seconds: units fire less than 0.02 Hz over
/// more than a day.
std::optional<std::string> doubt_of_unit(const TimesOfRecording& times, const RecordedSpan& recorded);

}  // namespace rnn_rates::session
