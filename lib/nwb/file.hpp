#pragma once

#include "h5/file.hpp"

namespace rnn_rates::nwb {

/// Whether a file is NWB: by its ending, or by the attribute that every NWB file has.
bool is_nwb(const h5::File& file);

}  // namespace rnn_rates::nwb
