#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/stop.hpp"
#include "mpi/group.hpp"

namespace rnn_rates::mpi {

/// A piece of work that any rank can do.
struct Task {
  std::string what;  ///< tells the rank that gets it what to do
  double cost = 1;   ///< expected time in any unit; costlier ones are begun earlier
};

/// How the ranks of a group share out tasks.
struct Sharing {
  std::size_t threads = 1;  ///< tasks that this rank works on at once
  /// Does a task, on any thread; its result goes to rank 0. Must not throw. Once a stop was requested it is
  /// still called for each task that this rank had been given.
  std::function<std::string(const std::string& what)> work;
  /// On rank 0, in the calling thread: task `task` (index) ended on `rank`.
  std::function<void(std::size_t task, int rank, const std::string& result)> on_result;
  /// Asked now and then on every rank: true ends the sharing early on all of them, with what is in hand.
  std::function<bool()> stop_requested = rnn_rates::stop_requested;
  /// Tells this rank's work that another rank's stop was requested, or that the sharing failed.
  std::function<void()> request_stop = [] {
    if (!rnn_rates::stop_requested()) rnn_rates::request_stop("another rank");
  };
  /// Work done on this rank since the last call, in units of the caller's choice; may be empty.
  std::function<std::uint64_t()> take_progress = {};
  /// On rank 0: that much was done on other ranks; may be empty.
  std::function<void(std::uint64_t)> on_progress = {};
};

/// What a rank did.
struct RankTiming {
  std::size_t tasks = 0;
  std::size_t threads = 0;
  double wall_s = 0;       ///< from the start of the sharing to its end
  double busy_s = 0;       ///< in work, over all threads
  double peak_memory = 0;  ///< bytes, of the process

  /// Share of the time that the threads waited, 0 to 1.
  double idle() const;
};

/// Does `tasks` (those of rank 0 count) on all ranks of `group`: rank 0 hands them out, the costliest first,
/// and works too, on threads of its own while the calling one sleeps between looks at its messages. Alone
/// with one thread it simply does them in the order of their costs. Every rank calls it, from the thread that
/// started MPI. Returns every rank's timing on rank 0. Throws Error(runtime) where MPI fails.
std::vector<RankTiming> share_tasks(const Group& group, const std::vector<Task>& tasks,
                                    const Sharing& sharing);

}  // namespace rnn_rates::mpi
