#pragma once

#include <stop_token>

#include "core/error.hpp"

namespace rnn_rates {

/// Throws Error(stopped) once a stop was requested: called within long work of which nothing is kept. A token
/// of the default kind never stops; that of the process is in core/stop.
inline void end_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorKind::stopped, "stopped: run again, this part of the work starts over");
}

}  // namespace rnn_rates
