#pragma once

#include <stop_token>

namespace rnn_rates::test {

/// A token through which a stop was requested.
inline std::stop_token stopped() {
  std::stop_source source;
  source.request_stop();
  return source.get_token();
}

}  // namespace rnn_rates::test
