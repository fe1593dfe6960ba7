// How many tasks a second rank 0 hands out: tasks that do nothing, one thread a rank. Under mpirun; one line
// of JSON.
//   mpirun -n 4 bench_queue [TASKS]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "mpi/scope.hpp"
#include "mpi/share.hpp"

int main(int argc, char** argv) {
  using namespace rnn_rates;
  const mpi::Scope scope;
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200000;
  const std::vector<mpi::Task> tasks(count, mpi::Task{"1234 region_all_taste_0", 1});
  const mpi::Sharing sharing{.threads = 1,
                             .work = [](const std::string& what) { return what; },
                             .on_result = [](auto...) {},
                             .stop_requested = [] { return false; },
                             .request_stop = [] {}};
  const auto start = std::chrono::steady_clock::now();
  mpi::share_tasks(scope.world(), tasks, sharing);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (scope.world().rank() == 0) {
    fmt::print("{{\"ranks\": {}, \"tasks\": {}, \"tasks_per_s\": {:.0f}, \"us_per_task\": {:.2f}}}\n",
               scope.world().size(), count, static_cast<double>(count) / took.count(),
               took.count() * 1e6 / static_cast<double>(count));
  }
}
