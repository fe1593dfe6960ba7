#include "plot/text.hpp"

#include <fmt/format.h>

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rnn_rates::plot {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

bool plain(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 ||
         std::string_view(" /._-+:,()").find(byte) != std::string_view::npos;
}

/// Bytes of the UTF-8 sequence at the start of `text`, 0 where there is none that is valid.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return 0;
  std::uint32_t code = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = code < (length == 4 ? 0x10000U : length == 3 ? 0x800U : 0x80U);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  // The last two are no characters, and not allowed in SVG.
  return overlong || surrogate || code > 0x10FFFF || code == 0xFFFE || code == 0xFFFF ? 0 : length;
}

bool control(std::string_view sequence) {
  const auto first = static_cast<std::uint8_t>(sequence[0]);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<std::uint8_t>(sequence[1]) < 0xA0);
}

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      result.push_back(replacement);
    } else {
      result.push_back(control(text.substr(0, length)) ? " " : text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
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
  for (const std::string_view character : characters(text)) result += character;
  return result;
}

double text_width_px(std::string_view text, double size_px) {
  double width = 0.0;
  for (const std::string_view character : characters(text)) width += character_width(character);
  return width * size_px;
}

std::string elided(std::string_view text, double size_px, double width_px) {
  std::vector<std::string_view> kept = characters(text);
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

}  // namespace rnn_rates::plot
