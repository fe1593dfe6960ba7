#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rnn_rates::mpi {

/// Threads that work on tasks while the thread that owns them exchanges messages. Destroyed, it waits for the
/// tasks that were begun, and forgets the others.
class Workers {
 public:
  struct Done {
    std::size_t task;
    std::string result;
  };

  /// `work` turns what a task says into its result, on any of the threads. It must not throw.
  Workers(std::size_t threads, std::function<std::string(const std::string& what)> work);

  void add(std::size_t task, std::string what);
  /// The results since the last call; waits for one, but not longer than `most`.
  std::vector<Done> take_done(std::chrono::microseconds most);
  /// Time spent in `work`, over all threads.
  double busy_s() const;

 private:
  void run(const std::stop_token& end);

  std::function<std::string(const std::string&)> work_;
  mutable std::mutex mutex_;
  std::condition_variable_any task_added_;
  std::condition_variable task_done_;
  std::deque<std::pair<std::size_t, std::string>> waiting_;
  std::vector<Done> done_;
  double busy_s_ = 0;
  std::vector<std::jthread> threads_;  ///< last, as they use all of the above
};

}  // namespace rnn_rates::mpi
