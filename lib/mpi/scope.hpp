#pragma once

#include <string>
#include <vector>

namespace rnn_rates::mpi {

/// Starts MPI where the program was launched by mpirun or srun, and shuts it down; a plain call stays a
/// single rank without MPI, which saves its start-up time. Throws Error(runtime).
class Scope {
 public:
  Scope();
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  int rank() const { return rank_; }
  int size() const { return size_; }

  /// The same text on all ranks of this job, different from any other job's.
  const std::string& job() const { return job_; }

  /// The largest value over all ranks, on every rank. All ranks must call it.
  int max_over_ranks(int value) const;
  /// Every rank's text in rank order, on rank 0; empty elsewhere. All ranks must call it.
  std::vector<std::string> gather_text(const std::string& text) const;

 private:
  bool started_ = false;
  int rank_ = 0;
  int size_ = 1;
  std::string job_;
};

}  // namespace rnn_rates::mpi
