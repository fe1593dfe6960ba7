#include "plot/text.hpp"

#include <doctest/doctest.h>

using namespace rnn_rates::plot;

TEST_CASE("all but plain characters are octal escapes in a literal") {
  CHECK(gnuplot_literal("a B-9.") == "\"a B-9.\"");
  CHECK(gnuplot_literal("\"\n`@\\") == R"("\042\012\140\100\134")");
  CHECK(gnuplot_literal("\xC3\xA9") == R"("\303\251")");
}

TEST_CASE("bytes that are not UTF-8 are replaced one by one") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(printable("\xC3\xA9 \xE5\x91\xB3 \xF0\x9F\x90\x80") == "\xC3\xA9 \xE5\x91\xB3 \xF0\x9F\x90\x80");
  CHECK(printable("\x80") == bad);
  CHECK(printable("\xC0\xAF") == bad + bad);            // overlong
  CHECK(printable("\xE5\x91") == bad + bad);            // cut off
  CHECK(printable("\xED\xA0\x80") == bad + bad + bad);  // surrogate
  CHECK(printable("\xF5\x80\x80\x80") == bad + bad + bad + bad);
  CHECK(printable("\xEF\xBF\xBF") == bad + bad + bad);  // no character
}

TEST_CASE("control characters become spaces") {
  CHECK(printable(std::string_view("a\0b\x1B\x7F"
                                   "c\xC2\x85",
                                   8)) == "a b  c ");
}

TEST_CASE("a text that is too wide loses its middle") {
  CHECK(elided("Sucrose", 12.0, 200.0) == "Sucrose");
  const std::string name(40, 'a');
  const std::string cut = elided(name, 10.0, 100.0);
  CHECK(text_width_px(cut, 10.0) <= 100.0);
  CHECK(text_width_px(cut, 10.0) > 80.0);
  CHECK(cut.substr(0, 3) == "aaa");
  CHECK(cut.substr(cut.size() - 3) == "aaa");
  CHECK(cut.find("\xE2\x80\xA6") != std::string::npos);
}

TEST_CASE("a text is cut between characters, not bytes") {
  std::string name;
  for (int i = 0; i < 30; ++i) name += "\xE5\x91\xB3";
  const std::string cut = elided(name, 10.0, 100.0);
  CHECK(printable(cut) == cut);
  CHECK(text_width_px(cut, 10.0) <= 100.0);
}
