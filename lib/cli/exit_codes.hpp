#pragma once

#include <string>

namespace rnn_rates::cli {

/// All exit codes with what they mean, a line each; docs/troubleshooting.md says what to do.
std::string exit_codes();

}  // namespace rnn_rates::cli
