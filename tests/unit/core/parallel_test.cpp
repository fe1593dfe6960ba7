#include "core/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace rnn_rates;

TEST_CASE("every task runs once whatever the number of threads") {
  for (const std::size_t threads : {1u, 2u, 7u, 100u}) {
    std::vector<std::atomic<int>> runs(23);
    parallel_for(runs.size(), threads, [&](std::size_t i) { ++runs[i]; });
    for (const auto& count : runs) CHECK(count == 1);
  }
}

TEST_CASE("the first exception comes through and later tasks do not start") {
  std::atomic<int> started{0};
  CHECK_THROWS_WITH_AS(parallel_for(1000, 1,
                                    [&](std::size_t i) {
                                      ++started;
                                      if (i == 3) throw std::runtime_error("task 3");
                                    }),
                       "task 3", std::runtime_error);
  CHECK(started == 4);
}
