#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace rnn_rates {

/// XXH3 (128 bits) of a sequence of byte ranges, as 32 hexadecimal digits.
class Digest {
 public:
  Digest();

  void add(const void* bytes, std::size_t count);
  /// Adds the text and its length, so that ("ab", "c") and ("a", "bc") differ.
  void add_text(std::string_view text);
  std::string hex() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace rnn_rates
