#pragma once

#include <string>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Gives groups and arrays the attributes that PyTables' create_group and create_array write, so that
/// PyTables opens them as its own nodes (format version 2.1 of a file, 1.0 of a group, 2.4 of an array).
void mark_pytables_root(File& file);
void mark_pytables_group(File& file, const std::string& group, const std::string& title = "");
void mark_pytables_array(File& file, const std::string& dataset);

}  // namespace rnn_rates::h5
