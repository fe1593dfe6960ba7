#include "run/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/characters.hpp"
#include "support/byte_pairs.hpp"

using namespace rnn_rates;

TEST_CASE("a report is JSON whatever two bytes come together in a name") {
  test::for_all_byte_pairs([](const std::string& text) {
    const nlohmann::json read = nlohmann::json::parse(run::dump({{"path", text}}, 2));
    const auto all = characters(text);
    if (std::all_of(all.begin(), all.end(), [](const Character& each) { return each.valid; })) {
      REQUIRE(read["path"] == text);
    } else {
      REQUIRE(read["path"].is_string());
    }
  });
}
