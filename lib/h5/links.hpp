#pragma once

#include <string>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Opens a dataset that is there. Its values may lie in other files, as raw data outside HDF5 (looked for
/// beside the HDF5 file, whatever the working folder) or as sources of a virtual dataset: throws as
/// exists() where those lead out of the folder, or are missing, as HDF5 would read them as zeros.
Handle open_dataset(const File& file, const std::string& object);

}  // namespace rnn_rates::h5
