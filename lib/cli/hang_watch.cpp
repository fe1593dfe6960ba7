#include "cli/hang_watch.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "h5/file.hpp"

namespace rnn_rates::cli {
namespace {

std::optional<std::chrono::nanoseconds> cpu_time(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Signals are for the thread that works, whose waits they end.
void leave_signals_to_others() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

HangWatch::HangWatch(std::string program, std::chrono::milliseconds longest_cpu)
    : program_(std::move(program)), longest_cpu_(longest_cpu), thread_([this](const std::stop_token& end) {
        leave_signals_to_others();
        watch(end);
      }) {}

void HangWatch::watch(const std::stop_token& end) {
  h5::ReadingProgress last;
  std::optional<std::chrono::nanoseconds> since;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, end, longest_cpu_ / 10, [&] { return end.stop_requested(); })) {
    const h5::ReadingProgress now = h5::reading_progress();
    const auto used = cpu_time(now.cpu_clock);
    if (now.calls == 0 || now.calls != last.calls || now.cpu_clock != last.cpu_clock || !since) {
      last = now;
      since = used;
    } else if (used && *used - *since >= longest_cpu_) {
      fmt::print(stderr,
                 "{} error: {}: HDF5 itself does not come to an end with this file, which must be damaged. "
                 "Restore it from a copy, or run the stage that made it with --force.\n",
                 program_, h5::last_opened());
      FolderLock::give_back_last();
      _exit(static_cast<int>(ErrorKind::input));
    }
  }
}

}  // namespace rnn_rates::cli
