#include "mpi/share.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "ranks.hpp"

using namespace rnn_rates::mpi;
using namespace std::chrono_literals;
using rnn_rates::test::world;

namespace {

/// As a task's result: what it said, and the rank that did it.
std::string answer(const std::string& what) { return what + " by " + std::to_string(world().rank()); }

struct Outcome {
  std::vector<std::string> results;  ///< by index of the task
  std::vector<int> ranks;            ///< that did it; -1: nobody
  std::vector<RankTiming> timings;
  bool told_to_stop = false;
};

/// Shares `tasks` with `threads` on every rank. Rank 0 stops after `stop_after` results, and rank `stopping`
/// once it did a task.
Outcome share(const std::vector<Task>& tasks, std::size_t threads, std::chrono::milliseconds each = 0ms,
              int stop_after = 1 << 30, int stopping = -1) {
  Outcome outcome{std::vector<std::string>(tasks.size()), std::vector<int>(tasks.size(), -1), {}, false};
  std::atomic<bool> stopped{false};
  int ended = 0;
  const Sharing sharing{.threads = threads,
                        .work =
                            [&](const std::string& what) {
                              std::this_thread::sleep_for(each);
                              if (stopping == world().rank()) return std::string("stopped");
                              return answer(what);
                            },
                        .on_result =
                            [&](std::size_t task, int rank, const std::string& result) {
                              CHECK(outcome.ranks[task] == -1);
                              outcome.ranks[task] = rank;
                              outcome.results[task] = result;
                              if (++ended >= stop_after || result == "stopped") stopped = true;
                            },
                        .stop_requested = [&] { return stopped.load(); },
                        .request_stop =
                            [&] {
                              stopped = true;
                              outcome.told_to_stop = true;
                            }};
  world().max(0);  // so that all begin together
  outcome.timings = share_tasks(world(), tasks, sharing);
  return outcome;
}

std::vector<Task> tasks_of(std::size_t count) {
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < count; ++i) tasks.push_back({"task " + std::to_string(i), double(i % 7)});
  return tasks;
}

void check_all_done(const std::vector<Task>& tasks, const Outcome& outcome) {
  if (world().rank() > 0) return;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    REQUIRE(outcome.ranks[i] >= 0);
    CHECK(outcome.results[i] == tasks[i].what + " by " + std::to_string(outcome.ranks[i]));
  }
}

}  // namespace

TEST_CASE("every task is done once, by the rank that says so, and all ranks take part") {
  const std::vector<Task> tasks = tasks_of(50);
  const Outcome outcome = share(tasks, 1, 5ms);
  check_all_done(tasks, outcome);
  if (world().rank() > 0) return;
  CHECK(std::set<int>(outcome.ranks.begin(), outcome.ranks.end()).size() ==
        static_cast<std::size_t>(world().size()));
}

TEST_CASE("ranks with several threads, thousands of short tasks, fewer tasks than ranks, and none") {
  for (const std::size_t count : {3000ul, 1ul, 0ul}) {
    const std::vector<Task> tasks = tasks_of(count);
    check_all_done(tasks, share(tasks, 3));
  }
}

TEST_CASE("only rank 0's tasks count") {
  const std::vector<Task> tasks = tasks_of(5);
  check_all_done(tasks, share(world().rank() == 0 ? tasks : std::vector<Task>{}, 1));
}

TEST_CASE("texts longer than any buffer of MPI travel both ways") {
  std::vector<Task> tasks;
  for (char c = 'a'; c < 'm'; ++c) tasks.push_back({std::string(3000000, c), 1});
  check_all_done(tasks, share(tasks, 2));
}

TEST_CASE("the timings say who did what") {
  const std::vector<Task> tasks = tasks_of(20);
  const Outcome outcome = share(tasks, 2, 10ms);
  if (world().rank() > 0) {
    CHECK(outcome.timings.empty());
    return;
  }
  REQUIRE(outcome.timings.size() == static_cast<std::size_t>(world().size()));
  std::size_t done = 0;
  for (std::size_t rank = 0; rank < outcome.timings.size(); ++rank) {
    const RankTiming& timing = outcome.timings[rank];
    done += timing.tasks;
    CHECK(timing.tasks == static_cast<std::size_t>(std::count(outcome.ranks.begin(), outcome.ranks.end(),
                                                              static_cast<int>(rank))));
    CHECK(timing.threads == 2);
    CHECK(timing.busy_s >= 0.01 * static_cast<double>(timing.tasks));
    CHECK(timing.busy_s <= 2 * timing.wall_s);
    CHECK(timing.peak_memory > 0);
  }
  CHECK(done == 20);
}

TEST_CASE("a stop on rank 0 reaches all and leaves the rest undone") {
  const Outcome outcome = share(tasks_of(1000), 1, 2ms, 10);
  CHECK(outcome.told_to_stop);
  if (world().rank() == 0) CHECK(std::count(outcome.ranks.begin(), outcome.ranks.end(), -1) > 900);
}

TEST_CASE("a stop on the last rank reaches all") {
  const Outcome outcome = share(tasks_of(1000), 1, 2ms, 1 << 30, world().size() - 1);
  CHECK(outcome.told_to_stop);
  if (world().rank() == 0) CHECK(std::count(outcome.ranks.begin(), outcome.ranks.end(), -1) > 900);
}

TEST_CASE("progress of all ranks comes together on rank 0, whole") {
  std::atomic<std::uint64_t> here{0};
  std::uint64_t taken = 0, total = 0;
  const Sharing sharing{.threads = 2,
                        .work =
                            [&](const std::string&) {
                              here += 3;
                              return std::string();
                            },
                        .on_result = [](auto...) {},
                        .stop_requested = [] { return false; },
                        .request_stop = [] {},
                        .take_progress =
                            [&] {
                              const std::uint64_t now = here;
                              return now - std::exchange(taken, now);
                            },
                        .on_progress = [&](std::uint64_t more) { total += more; }};
  share_tasks(world(), tasks_of(100), sharing);
  if (world().rank() == 0) CHECK(total + here == 300);
}
