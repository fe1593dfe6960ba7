#pragma once

#include <string>

#include "h5/handle.hpp"

namespace rnn_rates::h5 {

/// Teaches HDF5 to read what h5py packs with lzf and PyTables with blosc, as far as the libraries of these
/// were there when this was built.
void register_filters();

/// Throws Error(input), naming filter and way out, where values are packed in a way that HDF5 cannot read,
/// with what is registered or lies in HDF5_PLUGIN_PATH.
void check_filters(const Handle& creation_properties, const std::string& where);

}  // namespace rnn_rates::h5
