#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

namespace rnn_rates::neural {

/// Checks element by element that the two agree within `tolerance`.
template <class Values>
void check_close(const Values& values, const std::vector<double>& expected, double tolerance) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("element ", i);
    CHECK(std::abs(static_cast<double>(values[i]) - expected[i]) <= tolerance);
  }
}

/// Checks element by element that the two agree within the share `tolerance` of the expected value.
template <class Values>
void check_share(const Values& values, const std::vector<double>& expected, double tolerance) {
  REQUIRE(values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("element ", i);
    CHECK(static_cast<double>(values[i]) == doctest::Approx(expected[i]).epsilon(tolerance));
  }
}

}  // namespace rnn_rates::neural
