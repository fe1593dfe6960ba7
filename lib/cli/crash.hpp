#pragma once

#include <string>

namespace rnn_rates::cli {

/// HDF5 (1.10.8 does) crashes on some damaged files that cannot be told from whole ones before it reads them.
/// From here on, a crash inside its library ends the program with the exit code of input errors and a message
/// that names the file opened last. Other crashes go as they went before.
void explain_crashes_of_hdf5(const std::string& program);

}  // namespace rnn_rates::cli
