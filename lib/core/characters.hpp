#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rnn_rates {

/// A character of a text that should be UTF-8, or a byte that is part of none.
struct Character {
  std::string_view bytes;
  bool valid = false;
  bool control = false;  ///< C0, DEL or C1: line breaks, tabs, what commands a terminal
};

std::vector<Character> characters(std::string_view text);

/// `text` with small letters for the capital ones of ASCII.
std::string lower_case(std::string text);

/// Whether `text` has a line break, tab or the like, for which no cell of a table and no folder's name has
/// room.
bool has_control_characters(std::string_view text);

/// `text` for a terminal or log, which it cannot command: control characters, characters that turn the
/// direction of writing, and bytes that are not UTF-8 as "\x1b"; of a text that is longer than any message
/// the middle is left out. A line break stays where two spaces follow, as in messages of several lines.
std::string terminal_text(std::string_view text);

}  // namespace rnn_rates
