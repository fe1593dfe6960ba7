#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::nwb {

/// (unit) the location of each unit's main electrode ("" without any), else what a column location,
/// brain_area and so on of the table of units says, else the location of the group that its column
/// electrode_group refers to; empty where the file has none of these. The main electrode is what
/// main_electrodes() finds; where it leaves several, it is the first, and where those of a unit then lie in
/// several regions, `notes` says so. Throws Error(input).
std::vector<std::string> read_locations(const h5::File& file, const std::string& units_table,
                                        std::size_t units, std::vector<std::string>& notes);

}  // namespace rnn_rates::nwb
