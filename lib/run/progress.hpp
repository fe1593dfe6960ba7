#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace rnn_rates::run {

/// How far a long computation is: a bar on a terminal, else a log line every ten seconds. Callable from
/// several threads.
class Progress {
 public:
  /// `what` names the work and its unit, such as "training steps". `show` false says nothing.
  Progress(std::string what, std::uint64_t total, bool show);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` more of the total are done; what `note` returns is shown beside the count. It is called only when
  /// shown.
  void add(std::uint64_t done, const std::function<std::string()>& note = {});
  /// What was added since the last call.
  std::uint64_t take();

 private:
  void say(std::uint64_t done, const std::string& note);

  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::uint64_t total_;
  bool show_;
  bool terminal_;
  bool bar_drawn_ = false;
  std::atomic<std::uint64_t> done_{0};
  std::uint64_t taken_ = 0;
  std::mutex mutex_;
  Clock::time_point last_said_ = Clock::now();
};

}  // namespace rnn_rates::run
