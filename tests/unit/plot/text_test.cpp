#include "plot/text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace rnn_rates::plot;

TEST_CASE("all but plain characters are octal escapes in a literal") {
  CHECK(gnuplot_literal("a B-9.") == "\"a B-9.\"");
  CHECK(gnuplot_literal("\"\n`@\\") == R"("\042\012\140\100\134")");
  CHECK(gnuplot_literal("\xC3\xA9") == R"("\303\251")");
}

TEST_CASE("no digit stands right behind an escape, which gnuplot would take it to be part of") {
  CHECK(gnuplot_literal("rat#12 3") == R"("rat\043\061\062 3")");
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second), '7'};
      const std::string literal = gnuplot_literal(text);
      CAPTURE(literal);
      // Escapes of exactly three digits give the text back.
      std::string read;
      for (std::size_t i = 1; i + 1 < literal.size();) {
        if (literal[i] != '\\') {
          read += literal[i++];
          continue;
        }
        read += static_cast<char>(std::stoi(literal.substr(i + 1, 3), nullptr, 8));
        i += 4;
        REQUIRE_FALSE((literal[i] >= '0' && literal[i] <= '9'));
      }
      REQUIRE(read == text);
    }
  }
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

TEST_CASE("text is broken into lines at blanks") {
  const auto lines = wrapped("one two  three four", 12.0, text_width_px("three four", 12.0));
  CHECK(lines == std::vector<std::string>{"one two", "three four"});
  CHECK(wrapped("", 12.0, 100.0).empty());
  CHECK(wrapped("a word of excessivelengththatfitsnowhere", 12.0, 60.0).back().find("\u2026") !=
        std::string::npos);
}
