#pragma once

#include <string>

namespace rnn_rates::h5 {

/// Of the HDF5 that is loaded, such as "1.10.8".
std::string library_version();

}  // namespace rnn_rates::h5
