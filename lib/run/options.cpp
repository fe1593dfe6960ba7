#include "run/options.hpp"

#include <sched.h>

namespace rnn_rates::run {

h5::Reach reach(const CommonOptions& options) {
  return options.allow_external ? h5::Reach::anywhere : h5::Reach::folder;
}

std::size_t thread_count(const CommonOptions& options) {
  if (options.threads > 0) return options.threads;
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&cores));
}

}  // namespace rnn_rates::run
