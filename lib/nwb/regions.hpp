#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::nwb {

/// (unit) the location of each unit's main electrode ("" without any), else what a column location,
/// brain_area and so on of the table of units says, else the location of the group that its column
/// electrode_group refers to; empty where the file has none of these. The main electrode is what
/// main_electrodes() finds; where it leaves several, it is the first, and where those of a unit then lie in
/// several regions, `notes` says so. Throws Error(input).
std::vector<std::string> read_locations(const h5::File& file, const std::string& units_table,
                                        std::size_t units, std::vector<std::string>& notes);

inline constexpr const char* electrodes_table = "/general/extracellular_ephys/electrodes";

/// (unit) rows of the table of electrodes; none for a unit that names no electrode.
using ElectrodeRows = std::vector<std::vector<std::size_t>>;

/// (unit) the row of its main electrode: what a column main_channel_id, max_electrode, peak_channel_id or the
/// like names, or, of those that it lists, the one on which its waveform_mean is largest. All that it lists
/// where neither tells. `notes` say where a column does not fit. Throws Error(input).
ElectrodeRows main_electrodes(const h5::File& file, const Table& table, std::size_t units,
                              std::size_t electrodes, std::vector<std::string>& notes);

}  // namespace rnn_rates::nwb
