#pragma once

#include <string>

#include "core/columns.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// Where bins.h5 and rates.h5 keep what the recording's tables of units and of trials say.
inline const std::string about_units = "/units", about_trials = "/trials";

/// A dataset for each column below `group`; `row` says what a row is, such as "unit". Nothing for no columns.
void write_columns(h5::File& file, const std::string& group, const Columns& columns, const std::string& row);

/// Empty where the group is missing. Throws Error(input) where columns are of other types.
Columns read_columns(const h5::File& file, const std::string& group);

}  // namespace rnn_rates::artifact
