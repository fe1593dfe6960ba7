#include "mpi/workers.hpp"

#include <utility>

namespace rnn_rates::mpi {

Workers::Workers(std::size_t threads, std::function<std::string(const std::string& what)> work)
    : work_(std::move(work)) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& end) { run(end); });
  }
}

void Workers::add(std::size_t task, std::string what) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(task, std::move(what));
  }
  task_added_.notify_one();
}

std::vector<Workers::Done> Workers::take_done(std::chrono::microseconds most) {
  std::unique_lock lock(mutex_);
  task_done_.wait_for(lock, most, [&] { return !done_.empty(); });
  return std::exchange(done_, {});
}

double Workers::busy_s() const {
  const std::lock_guard lock(mutex_);
  return busy_s_;
}

void Workers::run(const std::stop_token& end) {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  while (task_added_.wait(lock, end, [&] { return !waiting_.empty(); })) {
    if (end.stop_requested()) return;
    const auto [task, what] = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const auto start = Clock::now();
    std::string result = work_(what);
    const std::chrono::duration<double> took = Clock::now() - start;
    lock.lock();
    busy_s_ += took.count();
    done_.push_back({task, std::move(result)});
    task_done_.notify_one();
  }
}

}  // namespace rnn_rates::mpi
