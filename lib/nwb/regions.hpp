#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::nwb {

/// (unit) the location of each unit's main electrode ("" without any), else what a column location,
/// brain_area and so on of the table of units says; empty where the file has neither. The main electrode is
/// what a column main_channel_id, max_electrode, peak_channel_id or the like names (a row of the table of
/// electrodes, an id, or a channel's name); without one it is the unit's first, and where electrodes of a
/// unit then lie in several regions, `notes` says so. Throws Error(input).
std::vector<std::string> read_locations(const h5::File& file, const std::string& units_table,
                                        std::size_t units, std::vector<std::string>& notes);

}  // namespace rnn_rates::nwb
