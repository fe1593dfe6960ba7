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

}  // namespace rnn_rates::mpi
