#pragma once

#include <string>

namespace rnn_rates {

/// Name of this host; in a container with process numbers of its own, followed by what tells it from others,
/// as the numbers mean nothing to those.
std::string host_name();

/// What tells this machine, since it was started, from any other of the same name; "" where it does not say.
std::string machine_identity();

/// Such as "2026-01-31T12:00:00Z".
std::string utc_now();

/// "PID STARTTIME" of a process of this host: the start tells it from a later one of the same number. Empty
/// where there is none, or only what is left of one that has ended and nobody has asked for, or where it is
/// hidden. Throws LimitMet where it cannot look.
std::string process_identity(int pid);

/// True for a process of another user of which this host tells nothing but that the number is in use (/proc
/// mounted with hidepid).
bool is_hidden(int pid);

}  // namespace rnn_rates
