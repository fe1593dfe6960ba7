#pragma once

#include <chrono>
#include <stop_token>
#include <string>

namespace rnn_rates {

/// From now on SIGTERM, SIGINT and SIGUSR1 ask for an orderly stop; a second SIGINT ends the program at once,
/// with exit code 75 and whatever was published by then. SIGXFSZ and SIGPIPE are ignored: the write fails.
void install_stop_signals();

/// Asks for an orderly stop from `when` on; the earliest of several counts.
void set_stop_deadline(std::chrono::system_clock::time_point when);

/// Asks for an orderly stop; `reason` completes "stopped by ..." and must outlive the program. From any
/// thread.
void request_stop(const char* reason);

/// True once a stop was asked for. Cheap; work under way calls it between steps and, if true, saves and ends.
bool stop_requested();

/// The same for work that knows nothing of the process.
std::stop_token stop_token();

/// Throws Error(stopped) once a stop was asked for: called within long work of which nothing is kept.
void end_if_stop_requested();

/// What asked for the stop, such as "SIGTERM" or "the time limit"; "" if nothing did.
std::string stop_reason();

}  // namespace rnn_rates
