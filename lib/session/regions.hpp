#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "session/recording.hpp"

namespace rnn_rates::session {

/// The region of each of `units` units: its electrode from the table /unit_descriptor (one row a unit, in
/// order of the column unit_number where there is one), that electrode's region from `info`'s
/// electrode_layout. Regions whose name holds "emg" or "none" are no regions, as in blech_clust. "all" for
/// every unit where `regions_all` or where the table or `info` is missing. Throws Error(input) where rows and
/// units differ in number and where a unit sits on an electrode of no region, which it names.
std::vector<std::string> find_unit_regions(const h5::File& file, std::size_t units,
                                           const std::optional<std::filesystem::path>& info,
                                           bool regions_all);

/// Sets facts.unit_regions to `names` (unit) as `clean` makes them fit names of files and groups, in which
/// two regions stay two ("L2/3" beside "L2_3" becomes L2_3_2), and facts.unit_columns["region"] to `names`
/// where that changed any. Throws Error(input) for a name of more than 100 bytes, for which
/// names of files have no room.
void set_regions(RecordingFacts& facts, std::vector<std::string> names,
                 const std::function<std::string(const std::string&)>& clean);

/// `text` as a region of blech_clust's, which becomes part of file and group names: slashes and control
/// characters become '_'.
std::string without_slashes(const std::string& text);

/// `text` as a region's name, which becomes part of file and group names: what is no letter, digit,
/// '.', '-' or '_' becomes '_'; "unknown" for an empty text.
std::string region_name(const std::string& text);

}  // namespace rnn_rates::session
