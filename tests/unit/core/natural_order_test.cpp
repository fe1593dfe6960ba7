#include "core/natural_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using rnn_rates::natural_less;

TEST_CASE("runs of digits compare as numbers, all else as bytes") {
  std::vector<std::string> names = {"dig_in_10",
                                    "dig_in_9",
                                    "dig_in_2",
                                    "board-DIN-11",
                                    "board-DIN-9",
                                    "dig_in_010_x",
                                    "dig_in_10_a",
                                    "dig_in_",
                                    "",
                                    "dig_in_02",
                                    "dig_in_99999999999999999999999",
                                    "dig_in_0",
                                    "dig_in_99999999999999999999998"};
  std::sort(names.begin(), names.end(), natural_less);
  CHECK(names == std::vector<std::string>{"", "board-DIN-9", "board-DIN-11", "dig_in_", "dig_in_0",
                                          "dig_in_02", "dig_in_2", "dig_in_9", "dig_in_10", "dig_in_10_a",
                                          "dig_in_010_x", "dig_in_99999999999999999999998",
                                          "dig_in_99999999999999999999999"});
}
