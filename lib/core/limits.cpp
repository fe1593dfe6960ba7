#include "core/limits.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstddef>

namespace rnn_rates {

std::optional<LimitMet> limit_met(int reason, const std::string& where) {
  switch (reason) {
    case EMFILE:
    case ENFILE:
      return LimitMet(where + ": too many open files. Raise the limit (ulimit -n).");
    case ENOMEM:
      return LimitMet(where +
                      ": not enough memory: give the job more, or run fewer processes on this machine");
    default:
      return std::nullopt;
  }
}

LimitMet limit_of_processes(const std::string& where) {
  return LimitMet(
      where +
      ": no more threads or processes can be started: use fewer --threads, or raise the limits on "
      "processes (ulimit -u) and memory (ulimit -v)");
}

void check_limits(int reason, const std::string& where) {
  if (const auto limit = limit_met(reason, where)) throw LimitMet(*limit);
}

void raise_limit_of_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

bool is_short_of_memory() {
  constexpr std::size_t bytes = std::size_t{32} << 20;
  void* const room = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return true;
  ::munmap(room, bytes);
  return false;
}

}  // namespace rnn_rates
