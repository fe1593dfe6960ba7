#pragma once

#include <string>

namespace rnn_rates::test {

/// Calls `look` with each text of two bytes, for what escapes text: one byte may change what the next means.
template <class Look>
void for_all_byte_pairs(Look&& look) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second)
      look(std::string{static_cast<char>(first), static_cast<char>(second)});
  }
}

}  // namespace rnn_rates::test
