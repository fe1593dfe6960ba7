#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "h5/file.hpp"

namespace rnn_rates::session {

/// The region of each of `units` units: its electrode from the table /unit_descriptor (one row a unit, in
/// order of the column unit_number where there is one), that electrode's region from `info`'s
/// electrode_layout. Regions whose name holds "emg" or "none" are no regions, as in blech_clust. "all" for
/// every unit where `regions_all` or where the table or `info` is missing. Throws Error(input) where rows and
/// units differ in number and where a unit sits on an electrode of no region, which it names.
std::vector<std::string> find_unit_regions(const h5::File& file, std::size_t units,
                                           const std::optional<std::filesystem::path>& info,
                                           bool regions_all);

/// `text` as a region's name, which becomes part of file and group names: what is no letter, digit, '.', '-'
/// or
/// '_' becomes '_'; "unknown" for an empty text.
std::string region_name(const std::string& text);

}  // namespace rnn_rates::session
