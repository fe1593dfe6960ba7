#pragma once

#include <string_view>

namespace rnn_rates {

std::string_view program_version();
/// Commit that the sources were built from, with "-dirty" where they had changes; "unknown" outside git.
std::string_view git_commit();

}  // namespace rnn_rates
