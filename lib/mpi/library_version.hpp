#pragma once

#include <string>

namespace rnn_rates::mpi {

/// Name and version of the MPI that is loaded, such as "Open MPI v4.1.4". MPI need not run.
std::string library_version();

}  // namespace rnn_rates::mpi
