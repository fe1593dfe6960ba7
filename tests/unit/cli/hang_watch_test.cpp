#include "cli/hang_watch.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <functional>

#include "core/error.hpp"
#include "h5/handle.hpp"

using namespace rnn_rates;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_cpu = 200ms;

/// Uses processor time as HDF5 does that goes round in a circle.
void be_busy_for(std::chrono::milliseconds cpu) {
  const std::clock_t end = std::clock() + cpu.count() * CLOCKS_PER_SEC / 1000;
  while (std::clock() < end) {
  }
}

/// Exit code of a watched process that does `work`; 0 where that came to its end.
int exit_code_of(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    {
      const cli::HangWatch watch("a_stage", longest_cpu);
      work();
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a call of HDF5 that takes processor time without end is an input error") {
  CHECK(exit_code_of([] { h5::reading([] { be_busy_for(10s); }); }) == static_cast<int>(ErrorKind::input));
}

TEST_CASE("many calls, waiting, and work of our own may take their time") {
  CHECK(exit_code_of([] { be_busy_for(3 * longest_cpu); }) == 0);
  CHECK(exit_code_of([] { h5::reading([] { usleep(600'000); }); }) == 0);
  CHECK(exit_code_of([] {
          h5::reading([] {
            for (int call = 0; call < 60; ++call) {
              be_busy_for(longest_cpu / 20);
              h5::check(0, "a call");
            }
          });
          be_busy_for(3 * longest_cpu);
        }) == 0);
}
