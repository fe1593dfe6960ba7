#include "core/characters.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "support/byte_pairs.hpp"

using namespace rnn_rates;

namespace {

bool commands_nothing(const std::string& shown) {
  const std::vector<Character> all = characters(shown);
  return std::ranges::all_of(all, [](const Character& each) { return each.valid && !each.control; });
}

}  // namespace

TEST_CASE("a terminal is sent no control character, whatever two bytes come together") {
  std::set<std::string> all;
  test::for_all_byte_pairs([&](const std::string& text) {
    const std::string shown = terminal_text("a" + text + "b");
    CAPTURE(shown);
    REQUIRE(commands_nothing(shown));
    REQUIRE(all.insert(shown).second);  // And one is told from another.
  });
}

TEST_CASE("texts for a terminal are shown as they are, all else as its bytes") {
  CHECK(terminal_text("rat #12, s\xC3\xA9"
                      "ance \xE5\x91\xB3 \xF0\x9F\x90\x80") ==
        "rat #12, s\xC3\xA9"
        "ance \xE5\x91\xB3 \xF0\x9F\x90\x80");
  CHECK(terminal_text("a\x1b[2Jb\r\tc\x7f") == "a\\x1b[2Jb\\x0d\\x09c\\x7f");
  CHECK(terminal_text("\xC2\x9B"
                      "31m") == "\\xc2\\x9b31m");
  CHECK(terminal_text("\x9B"
                      "31m\xff") == "\\x9b31m\\xff");
  CHECK(terminal_text("\xE2\x80\xAE"
                      "5h.\xE2\x81\xA9") == "\\xe2\\x80\\xae5h.\\xe2\\x81\\xa9");
}

TEST_CASE("a line break stays where the message goes on indented") {
  CHECK(terminal_text("write this:\n  import h5py\n  x") == "write this:\n  import h5py\n  x");
  CHECK(terminal_text("rat\n12:00:00 all is well\n") == "rat\\n12:00:00 all is well\\n");
}

TEST_CASE("a text without end loses its middle") {
  const std::string shown = terminal_text("begin" + std::string(1'000'000, '\n') + "end");
  CHECK(shown.size() < 20'000);
  CHECK(shown.starts_with("begin"));
  CHECK(shown.ends_with("end"));
  CHECK(commands_nothing(shown));
}

TEST_CASE("control characters are found in UTF-8") {
  for (const char* text : {"a\nb", "\t", "\x7f", "a\xC2\x85"}) CHECK(has_control_characters(text));
  for (const char* text : {"", "a b", "\xC3\x85", "\xff"}) CHECK_FALSE(has_control_characters(text));
}
