#include "core/characters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace rnn_rates {
namespace {

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

bool is_control(std::string_view sequence) {
  const auto first = static_cast<std::uint8_t>(sequence[0]);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && static_cast<std::uint8_t>(sequence[1]) < 0xA0);
}

/// U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069: marks, separators and overrides.
bool turns_writing(std::string_view bytes) {
  if (bytes.size() != 3 || bytes[0] != '\xE2') return false;
  const auto last = static_cast<std::uint8_t>(bytes[2]);
  if (bytes[1] == '\x80') return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  return bytes[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

}  // namespace

std::vector<Character> characters(std::string_view text) {
  std::vector<Character> result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(length, 1));
    result.push_back({bytes, length > 0, length > 0 && is_control(bytes)});
    text.remove_prefix(bytes.size());
  }
  return result;
}

std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(characters(text), &Character::control);
}

std::string terminal_text(std::string_view text) {
  constexpr std::size_t longest = 8000, at_each_end = 3000;
  if (text.size() > longest) {
    return fmt::format("{} [...] {}", terminal_text(text.substr(0, at_each_end)),
                       terminal_text(text.substr(text.size() - at_each_end)));
  }
  std::string result;
  for (const Character& character : characters(text)) {
    const std::string_view rest(character.bytes.data(), text.data() + text.size());
    const bool shown = character.valid && !character.control && !turns_writing(character.bytes);
    if (shown || rest.starts_with("\n  ")) {
      result += character.bytes;
      continue;
    }
    for (const char byte : character.bytes) {
      result += byte == '\n' ? "\\n" : fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
    }
  }
  return result;
}

}  // namespace rnn_rates
