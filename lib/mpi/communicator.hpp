#pragma once

#include <mpi.h>

#include "mpi/group.hpp"

namespace rnn_rates::mpi {

/// Throws Error(runtime) naming the call unless `status` is MPI_SUCCESS.
void check(int status, const char* call);

struct Group::Handle {
  Handle(MPI_Comm what, bool is_own) : communicator(what), own(is_own) {}
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  MPI_Comm communicator;
  bool own;  ///< to be freed here
};

/// For code that calls MPI, or a library that does.
struct Communicator {
  /// MPI_COMM_NULL without MPI.
  static MPI_Comm of(const Group& group);
};

}  // namespace rnn_rates::mpi
