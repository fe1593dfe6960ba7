#pragma once

#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Paths of the objects that a list of object references points to; "" for one that points to none. Throws
/// Error(input) where the dataset is absent or holds anything else.
std::vector<std::string> read_references(const File& file, const std::string& object);

}  // namespace rnn_rates::h5
