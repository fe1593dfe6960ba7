#include "mpi/task_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <queue>
#include <vector>

#include "core/random.hpp"

using rnn_rates::mpi::TaskQueue;

namespace {

using Indices = std::vector<std::size_t>;

struct Run {
  Indices order;         ///< as begun
  double makespan = 0;   ///< when the last rank ends
  std::size_t most = 0;  ///< tasks in hand of one rank
};

/// Ranks of one thread that take what `costs` says for each task.
Run simulate(const std::vector<double>& costs, std::size_t ranks) {
  TaskQueue queue(costs, ranks);
  Run run;
  std::vector<Indices> in_hand(ranks);
  using Event = std::pair<double, std::size_t>;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> ends;
  const auto feed = [&](std::size_t rank, double now) {
    const bool idle = in_hand[rank].empty();
    for (const std::size_t task : queue.hand_out(rank)) {
      in_hand[rank].push_back(task);
      run.order.push_back(task);
    }
    run.most = std::max(run.most, in_hand[rank].size());
    if (idle && !in_hand[rank].empty()) ends.emplace(now + costs[in_hand[rank].front()], rank);
  };
  for (std::size_t rank = 0; rank < ranks; ++rank) queue.join(rank, 1);
  for (std::size_t rank = 0; rank < ranks; ++rank) feed(rank, 0);
  while (!ends.empty()) {
    const auto [now, rank] = ends.top();
    ends.pop();
    run.makespan = now;
    in_hand[rank].erase(in_hand[rank].begin());
    queue.finish(rank);
    if (!in_hand[rank].empty()) ends.emplace(now + costs[in_hand[rank].front()], rank);
    feed(rank, now);
  }
  CHECK(queue.done());
  return run;
}

std::vector<double> uneven_costs(std::size_t count) {
  std::vector<double> costs;
  rnn_rates::RandomStream random(7);
  for (std::size_t i = 0; i < count; ++i) costs.push_back(1 + 20 * random.uniform());
  return costs;
}

}  // namespace

TEST_CASE("tasks are handed out once each, the costliest first, equal ones in their order") {
  TaskQueue queue({1, 5, 3, 5}, 1);
  queue.join(0, 2);
  CHECK(queue.hand_out(0) == Indices{1, 3});
  CHECK(queue.hand_out(0).empty());
  queue.finish(0);
  CHECK(queue.hand_out(0) == Indices{2});
  queue.finish(0);
  CHECK(queue.hand_out(0) == Indices{0});
  CHECK(queue.waiting() == 0);
  CHECK_FALSE(queue.done());
  queue.finish(0);
  queue.finish(0);
  CHECK(queue.done());
}

TEST_CASE("a rank that has not joined gets nothing, and none is a queue that is done") {
  TaskQueue queue({1}, 2);
  CHECK(queue.hand_out(1).empty());
  queue.join(1, 3);
  CHECK(queue.hand_out(1) == Indices{0});
  CHECK(TaskQueue({}, 1).done());
}

TEST_CASE("a rank gets tasks in advance only while many wait") {
  TaskQueue queue(std::vector<double>(100, 1.0), 2);
  queue.join(0, 2);
  queue.join(1, 1);
  CHECK(queue.hand_out(0).size() == 4);
  CHECK(queue.hand_out(1).size() == 2);
  TaskQueue few(std::vector<double>(8, 1.0), 2);
  few.join(0, 1);
  few.join(1, 1);
  CHECK(few.hand_out(0).size() == 1);
}

TEST_CASE("a closed queue hands out no more and is done with what is in hand") {
  TaskQueue queue({3, 2, 1}, 1);
  queue.join(0, 1);
  CHECK(queue.hand_out(0) == Indices{0});
  queue.close();
  CHECK_FALSE(queue.done());
  queue.finish(0);
  CHECK(queue.hand_out(0).empty());
  CHECK(queue.done());
}

TEST_CASE("every task is done by some rank, within Graham's bound of the least possible time") {
  for (const std::size_t ranks : {1ul, 2ul, 3ul, 4ul, 17ul}) {
    for (const std::size_t count : {0ul, 1ul, 5ul, 40ul, 500ul}) {
      CAPTURE(ranks);
      CAPTURE(count);
      const std::vector<double> costs = uneven_costs(count);
      Run run = simulate(costs, ranks);
      std::sort(run.order.begin(), run.order.end());
      Indices all(count);
      std::iota(all.begin(), all.end(), 0ul);
      CHECK(run.order == all);
      CHECK(run.most <= 2);
      const double sum = std::accumulate(costs.begin(), costs.end(), 0.0);
      const double longest = costs.empty() ? 0 : *std::max_element(costs.begin(), costs.end());
      const double n = static_cast<double>(ranks);
      // Least time >= max(sum / n, longest); list scheduling ends by sum / n + (1 - 1/n) longest.
      CHECK(run.makespan <= sum / n + (1 - 1 / n) * longest + 1e-9);
    }
  }
}
