#pragma once

#include <string>

namespace rnn_rates {

std::string host_name();

/// Such as "2026-01-31T12:00:00Z".
std::string utc_now();

/// "PID STARTTIME" of a process of this host: the start tells it from a later one of the same number. Empty
/// where there is none, or only what is left of one that has ended and nobody has asked for.
std::string process_identity(int pid);

}  // namespace rnn_rates
