#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace rnn_rates {

/// Sends spdlog's messages to stderr, with time and program and without control characters. `verbosity`: -1
/// warnings and errors, 0 information, 1 details. Ranks other than 0 say only warnings and errors, with their
/// rank.
void start_log(const std::string& program, int verbosity, int rank);

}  // namespace rnn_rates
