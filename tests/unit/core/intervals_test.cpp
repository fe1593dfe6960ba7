#include "core/intervals.hpp"

#include <doctest/doctest.h>

using namespace rnn_rates;

TEST_CASE("intervals are united in order, those that touch to one") {
  CHECK(united({{5, 6}, {1, 3}, {2, 4}, {4, 5}, {8, 8}, {9, 7}}) == Intervals{{1, 6}});
  CHECK(united({{3, 4}, {1, 2}}) == Intervals{{1, 2}, {3, 4}});
  CHECK(united({}).empty());
}

TEST_CASE("what is common and what is left are apart again") {
  const Intervals a = {{0, 10}, {20, 30}}, b = {{5, 22}, {25, 26}, {40, 50}};
  CHECK(common(a, b) == Intervals{{5, 10}, {20, 22}, {25, 26}});
  CHECK(without(a, b) == Intervals{{0, 5}, {22, 25}, {26, 30}});
  CHECK(without(a, {}) == a);
  CHECK(without(a, a).empty());
  CHECK(common(a, {}).empty());
}
