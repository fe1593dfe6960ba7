#pragma once

#include <chrono>
#include <future>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>

#include "core/error.hpp"

namespace rnn_rates {

/// Throws Error(stopped) once a stop was requested: called within long work of which nothing is kept. A token
/// of the default kind never stops; that of the process is in core/stop.
inline void end_if_stopped(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorKind::stopped, "stopped: run again, this part of the work starts over");
}

/// What `work` returns; for a long call that cannot be interrupted. Once `stop` is requested, throws
/// Error(stopped) and leaves the call to a thread that the end of the program ends: `work` must own all that
/// it uses.
template <class Work>
auto unless_stopped(const std::stop_token& stop, Work work) {
  constexpr std::chrono::milliseconds between_looks(20);
  std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
  auto result = task.get_future();
  std::thread(std::move(task)).detach();
  while (result.wait_for(between_looks) != std::future_status::ready) end_if_stopped(stop);
  return result.get();
}

}  // namespace rnn_rates
