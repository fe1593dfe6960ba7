#include "core/stop.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "core/error.hpp"

namespace rnn_rates {
namespace {

using Clock = std::chrono::system_clock;

volatile sig_atomic_t stop_signal = 0;
sem_t wake_up;  ///< the watcher, which a signal handler can do in no other way
std::stop_source stop_source;
std::atomic<const char*> asked_for{nullptr};
std::atomic<Clock::rep> deadline{Clock::time_point::max().time_since_epoch().count()};

void note_signal(int signal_number) {
  if (signal_number == SIGINT && stop_signal == SIGINT) _exit(static_cast<int>(ErrorKind::stopped));
  stop_signal = signal_number;
  sem_post(&wake_up);
}

bool past_deadline() {
  return Clock::now().time_since_epoch().count() >= deadline.load(std::memory_order_relaxed);
}

/// Requests the stop that a signal or the deadline asks for: a signal handler itself must not.
void watch(const std::stop_token& end) {
  // Signals are for the thread that works, whose waits they interrupt.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  const std::stop_callback wake_at_end(end, [] { sem_post(&wake_up); });
  while (!end.stop_requested()) {
    if (stop_signal != 0 || past_deadline()) {
      stop_source.request_stop();
      return;
    }
    const std::chrono::nanoseconds until{Clock::duration(deadline.load())};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(until);
    const timespec time{seconds.count(), (until - seconds).count()};
    sem_timedwait(&wake_up, &time);
  }
}

}  // namespace

void install_stop_signals() {
  sem_init(&wake_up, 0, 0);
  static const std::jthread watcher(watch);
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int signal_number : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal_number, &action, nullptr);
  // A file at the limit of its size (ulimit -f) and a stream that nobody reads are failures of a write.
  action.sa_handler = SIG_IGN;
  for (const int signal_number : {SIGXFSZ, SIGPIPE}) sigaction(signal_number, &action, nullptr);
}

void set_stop_deadline(Clock::time_point when) {
  const Clock::rep at = when.time_since_epoch().count();
  if (at < deadline) deadline = at;
  if (past_deadline()) stop_source.request_stop();
  sem_post(&wake_up);
}

void request_stop(const char* reason) {
  asked_for.store(reason, std::memory_order_relaxed);
  stop_source.request_stop();
}

bool stop_requested() { return stop_source.stop_requested(); }

std::stop_token stop_token() { return stop_source.get_token(); }

void end_if_stop_requested() {
  if (!stop_requested()) return;
  throw Error(ErrorKind::stopped, "stopped by {}: run again, this part of the work starts over",
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
