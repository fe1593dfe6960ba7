#pragma once

#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// Throws Error(input) if `object` is no dataset.
bool has_table_column(const File& file, const std::string& object, const std::string& column);

/// Names of the columns of a table. Throws Error(input) where the object is none.
std::vector<std::string> table_columns(const File& file, const std::string& object);

/// One column of a table (a one-dimensional compound dataset), converted to double.
/// Throws Error(input) naming the columns there are if `column` is not among them.
std::vector<double> read_table_column(const File& file, const std::string& object, const std::string& column);

}  // namespace rnn_rates::h5
