#include "plot/text.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <vector>

#include "core/characters.hpp"

namespace rnn_rates::plot {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

bool plain(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
         std::string_view(" /._-+:,()").find(byte) != std::string_view::npos;
}

/// The characters of a text for a figure or page.
std::vector<std::string_view> shown(std::string_view text) {
  std::vector<std::string_view> result;
  result.reserve(text.size());
  for (const Character& character : characters(text))
    result.push_back(!character.valid ? replacement : character.control ? " " : character.bytes);
  return result;
}

/// In units of the font size; of DejaVu Sans, the widest of the usual sans serif fonts.
double character_width(std::string_view character) {
  if (character.size() >= 3 && character != ellipsis) return 1.0;
  if (std::string_view(" .,:;'|!()[]fijlrtI").find(character) != std::string_view::npos) return 0.38;
  if (std::string_view("mwMW@%").find(character) != std::string_view::npos) return 0.95;
  return std::isupper(static_cast<unsigned char>(character[0])) != 0 ? 0.7 : 0.62;
}

}  // namespace

std::string gnuplot_literal(std::string_view text) {
  std::string literal = "\"";
  bool after_escape = false;
  for (const char byte : text) {
    // gnuplot takes a digit that follows an escape as one more of the escape.
    const bool as_it_is =
        plain(byte) && !(after_escape && std::isdigit(static_cast<unsigned char>(byte)) != 0);
    literal += as_it_is ? std::string(1, byte) : fmt::format("\\{:03o}", static_cast<std::uint8_t>(byte));
    after_escape = !as_it_is;
  }
  return literal + '"';
}

std::string printable(std::string_view text) {
  std::string result;
  for (const std::string_view character : shown(text)) result += character;
  return result;
}

double text_width_px(std::string_view text, double size_px) {
  double width = 0.0;
  for (const std::string_view character : shown(text)) width += character_width(character);
  return width * size_px;
}

std::string elided(std::string_view text, double size_px, double width_px) {
  std::vector<std::string_view> kept = shown(text);
  const auto joined = [&] {
    std::string result;
    for (const std::string_view character : kept) result += character;
    return result;
  };
  double width = text_width_px(text, size_px);
  if (width <= width_px) return joined();
  const std::size_t before = kept.size();
  while (kept.size() > 2 && width + size_px > width_px) {
    const auto middle = kept.begin() + static_cast<std::ptrdiff_t>(kept.size() / 2);
    width -= character_width(*middle) * size_px;
    kept.erase(middle);
  }
  if (kept.size() < before)
    kept.insert(kept.begin() + static_cast<std::ptrdiff_t>((kept.size() + 1) / 2), ellipsis);
  return joined();
}

std::vector<std::string> wrapped(std::string_view text, double size_px, double width_px) {
  std::vector<std::string> lines;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;) {
    const std::string longer = lines.empty() ? word : lines.back() + " " + word;
    if (!lines.empty() && text_width_px(longer, size_px) <= width_px)
      lines.back() = longer;
    else
      lines.push_back(word);
  }
  for (std::string& line : lines) line = elided(line, size_px, width_px);
  return lines;
}

}  // namespace rnn_rates::plot
