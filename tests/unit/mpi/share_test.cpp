#include "mpi/share.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

// Alone, without MPI; tests/mpi does the same on several ranks.
using namespace rnn_rates::mpi;
using namespace std::chrono_literals;

namespace {

struct Outcome {
  std::vector<std::string> begun;
  std::vector<std::string> results;  ///< by index of the task
  std::vector<RankTiming> timings;
};

Outcome share(std::size_t threads, const std::vector<Task>& tasks, int stop_after = 1 << 30) {
  Outcome outcome;
  outcome.results.resize(tasks.size());
  std::mutex mutex;
  int ended = 0;
  const Sharing sharing{.threads = threads,
                        .work =
                            [&](const std::string& what) {
                              const std::lock_guard lock(mutex);
                              outcome.begun.push_back(what);
                              return what + " done";
                            },
                        .on_result =
                            [&](std::size_t task, int rank, const std::string& result) {
                              CHECK(rank == 0);
                              outcome.results[task] = result;
                              ++ended;
                            },
                        .stop_requested = [&] { return ended >= stop_after; },
                        .request_stop = [] {}};
  outcome.timings = share_tasks(Group(), tasks, sharing);
  return outcome;
}

}  // namespace

TEST_CASE("one thread does the tasks by falling cost, in the calling thread") {
  const Outcome outcome = share(1, {{"a", 1}, {"b", 3}, {"c", 2}});
  CHECK(outcome.begun == std::vector<std::string>{"b", "c", "a"});
  CHECK(outcome.results == std::vector<std::string>{"a done", "b done", "c done"});
}

TEST_CASE("several threads do every task once") {
  std::vector<Task> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back({std::to_string(i), 1});
  const Outcome outcome = share(4, tasks);
  CHECK(std::set<std::string>(outcome.begun.begin(), outcome.begun.end()).size() == 200);
  CHECK(outcome.begun.size() == 200);
  for (int i = 0; i < 200; ++i) CHECK(outcome.results[std::size_t(i)] == std::to_string(i) + " done");
  REQUIRE(outcome.timings.size() == 1);
  CHECK(outcome.timings[0].tasks == 200);
  CHECK(outcome.timings[0].threads == 4);
}

TEST_CASE("threads work at the same time") {
  std::atomic<int> at_once{0}, most{0};
  const Sharing sharing{.threads = 3,
                        .work =
                            [&](const std::string&) {
                              const int now = ++at_once;
                              for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                              }
                              for (int i = 0; i < 500 && most < 3; ++i) std::this_thread::sleep_for(10ms);
                              --at_once;
                              return std::string();
                            },
                        .on_result = [](auto...) {},
                        .stop_requested = [] { return false; },
                        .request_stop = [] {}};
  share_tasks(Group(), {{"a", 1}, {"b", 1}, {"c", 1}}, sharing);
  CHECK(most == 3);
}

TEST_CASE("a stop lets what was begun end and begins little more") {
  std::vector<Task> tasks(100, Task{"x", 1});
  CHECK(share(1, tasks, 3).begun.size() <= 4);
  const std::size_t begun = share(2, tasks, 3).begun.size();
  CHECK(begun >= 3);
  CHECK(begun < 20);
}

TEST_CASE("a failure of the sharing itself stops the work under way instead of waiting for its end") {
  std::atomic<bool> stopped{false};
  const Sharing sharing{.threads = 2,
                        .work =
                            [&](const std::string& what) {
                              for (int i = 0; what == "long" && i < 1000 && !stopped; ++i)
                                std::this_thread::sleep_for(10ms);
                              return what;
                            },
                        .on_result = [](auto...) { throw std::runtime_error("failed"); },
                        .stop_requested = [] { return false; },
                        .request_stop = [&] { stopped = true; }};
  CHECK_THROWS_WITH_AS(share_tasks(Group(), {{"long", 2}, {"short", 1}}, sharing), "failed",
                       std::runtime_error);
  CHECK(stopped);
}

TEST_CASE("no task at all is no trouble") {
  CHECK(share(1, {}).begun.empty());
  CHECK(share(2, {}).begun.empty());
}
