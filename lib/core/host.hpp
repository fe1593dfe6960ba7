#pragma once

#include <string>

namespace rnn_rates {

std::string host_name();

/// Such as "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace rnn_rates
