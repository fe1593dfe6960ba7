#include "core/stop.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "core/error.hpp"

namespace rnn_rates {
namespace {

using Clock = std::chrono::system_clock;

volatile sig_atomic_t stop_signal = 0;
std::atomic<const char*> asked_for{nullptr};
std::atomic<Clock::rep> deadline{Clock::time_point::max().time_since_epoch().count()};

void note_signal(int signal_number) {
  if (signal_number == SIGINT && stop_signal == SIGINT) _exit(static_cast<int>(ErrorKind::stopped));
  stop_signal = signal_number;
}

bool past_deadline() {
  return Clock::now().time_since_epoch().count() >= deadline.load(std::memory_order_relaxed);
}

}  // namespace

void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal_number : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal_number, &action, nullptr);
}

void set_stop_deadline(Clock::time_point when) {
  const Clock::rep at = when.time_since_epoch().count();
  if (at < deadline) deadline = at;
}

void request_stop(const char* reason) { asked_for.store(reason, std::memory_order_relaxed); }

bool stop_requested() {
  return stop_signal != 0 || asked_for.load(std::memory_order_relaxed) != nullptr || past_deadline();
}

void end_if_stop_requested() {
  if (!stop_requested()) return;
  throw Error(ErrorKind::stopped, "stopped by {}: run again, this part of the work starts anew",
              stop_reason());
}

std::string stop_reason() {
  switch (stop_signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      if (past_deadline()) return "the time limit";
      return asked_for != nullptr ? asked_for.load() : "";
  }
}

}  // namespace rnn_rates
