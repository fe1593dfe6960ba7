#pragma once

#include <string>

#include "mpi/group.hpp"

namespace rnn_rates::mpi {

/// Starts MPI where the program was launched by mpirun or srun, and shuts it down; a plain call stays a
/// single rank without MPI, which saves its start-up time. Only the thread that made it may call MPI. Throws
/// Error(runtime).
class Scope {
 public:
  Scope();
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// All ranks of this job.
  const Group& world() const { return world_; }

  /// The same text on all ranks of this job, different from any other job's.
  const std::string& job() const { return job_; }

 private:
  bool started_ = false;
  Group world_;
  std::string job_;
};

}  // namespace rnn_rates::mpi
