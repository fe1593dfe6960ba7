#pragma once

#include <algorithm>
#include <string_view>

#include "inference/leak_test.hpp"

namespace rnn_rates::test {

inline bool is_warned_of(const inference::LeakTest& test, std::string_view what) {
  return std::ranges::any_of(inference::warnings_of(test), [&](const std::string& warning) {
    return warning.find(what) != std::string::npos;
  });
}

/// Rates tell the condition beforehand.
inline bool tells_condition(const inference::LeakTest& test) {
  return is_warned_of(test, "tells the condition");
}

/// Rates of regions that share a network correlate beyond what the counts do.
inline bool couples_regions(const inference::LeakTest& test) {
  return is_warned_of(test, "one network reads both");
}

}  // namespace rnn_rates::test
