#pragma once

#include <string>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// True where `object` is there. Every link on the way is followed as HDF5 would follow it. Throws
/// Error(input), naming link and target, where a soft link loops, where a soft or external link leads
/// nowhere, and, for Reach::folder, where an external link leads out of the folder of `file`.
bool follow_links(const File& file, const std::string& object);

/// Opens a dataset that is there. Its values may lie in other files, as raw data outside HDF5 (looked for
/// beside the HDF5 file, whatever the working folder) or as sources of a virtual dataset: throws as
/// follow_links() where those lead out of the folder, or are missing, as HDF5 would read them as zeros.
Handle open_dataset(const File& file, const std::string& object);

}  // namespace rnn_rates::h5
