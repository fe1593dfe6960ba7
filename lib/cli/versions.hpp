#pragma once

#include <string>

namespace rnn_rates::cli {

/// Names and versions of the libraries in use, those of HDF5 and MPI as they are loaded, the others as they
/// were built with.
std::string library_versions();

}  // namespace rnn_rates::cli
