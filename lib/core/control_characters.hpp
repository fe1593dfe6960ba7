#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace rnn_rates {

inline bool is_control(unsigned char letter) { return std::iscntrl(letter) != 0; }

/// A line break, tab or the like, for which no word of a message and no cell of a table has room.
inline bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

/// The text for a message, with '?' in place of each of them.
inline std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

}  // namespace rnn_rates
