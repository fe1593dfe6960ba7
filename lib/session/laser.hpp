#pragma once

#include <memory>

#include "session/recording.hpp"

namespace rnn_rates::session {

/// The recording with its laser trials treated as `choice` says: include leaves it as it is, exclude
/// takes them out (and tastes that have no others), separate makes them tastes of their own, called
/// NAME_laser, after the tastes without, input leaves it as it is too. Throws Error(input) unless
/// Taste::laser_ms tells which trials these are (except for include), and where no trial is left.
std::unique_ptr<Recording> treat_laser(std::unique_ptr<Recording> recording, Laser choice);

/// From when to when the laser was on, by its duration and its lag behind the stimulus: what is not a number
/// counts as 0, as with blech_clust.
std::array<double, 2> laser_span_ms(double duration_ms, double lag_ms);

/// The span of a trial of which only is known whether the laser was on in it.
std::array<double, 2> laser_span_ms(bool on);

}  // namespace rnn_rates::session
