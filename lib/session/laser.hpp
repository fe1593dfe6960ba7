#pragma once

#include <memory>
#include <string>

#include "session/recording.hpp"

namespace rnn_rates::session {

/// The recording with its laser trials treated as `choice` says: "include" leaves it as it is, "exclude"
/// takes them out (and tastes that have no others), "separate" makes them tastes of their own, called
/// NAME_laser, after the tastes without. Throws Error(input) unless Taste::laser tells which trials these are
/// (except for "include"), and where no trial is left.
std::unique_ptr<Recording> treat_laser(std::unique_ptr<Recording> recording, const std::string& choice);

}  // namespace rnn_rates::session
