#pragma once

#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// One column of a table (a one-dimensional compound dataset), converted to double.
/// Throws Error(input) naming the columns there are if `column` is not among them.
std::vector<double> read_table_column(const File& file, const std::string& object, const std::string& column);

}  // namespace rnn_rates::h5
