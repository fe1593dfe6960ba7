#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/intervals.hpp"
#include "session/spike_times.hpp"

namespace rnn_rates::session {

/// What a file says of when units were recorded.
struct StatedTime {
  std::vector<std::optional<Intervals>> units;  ///< (unit) nothing where it does not say
  Intervals invalid;                            ///< not to be used, of all units
  Intervals trials;                             ///< from start to stop; empty where not known
  Intervals epochs;                             ///< the same of epochs
};

/// (unit) when each unit was observed: what the file states, within the time that was recorded at all. That
/// is from the first to the last spike of all units, and as much longer on either side as holds ten spikes at
/// their mean rate, since a recording does not end with a spike, but, where all spikes lie within the epochs,
/// not longer than these; or only the trials, or epochs, where those parts of the windows that lie between
/// them hold no spike, although they would hold 20 or more at the rate within. `per_s` units of `times` make
/// a second.
std::vector<Intervals> observed_time(const std::vector<UnitTimes>& times, double per_s,
                                     const Stretches& windows, const StatedTime& stated);

}  // namespace rnn_rates::session
