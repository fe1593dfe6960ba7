#pragma once

namespace rnn_rates::test {

/// Whether the program was built with the address sanitizer, under which long calculations take minutes.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace rnn_rates::test
