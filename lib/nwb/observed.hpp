#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/intervals.hpp"
#include "h5/file.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::nwb {

/// (unit) when each unit was observed, by the column obs_intervals of a table of units; nothing for a unit of
/// which it says nothing. Throws Error(input) where the column does not hold together.
std::vector<std::optional<Intervals>> read_observed(const h5::File& file, const std::string& units_table,
                                                    std::size_t units);

/// The rows of a table of intervals, such as trials, from start_time to stop_time; empty where it has no
/// stop_time.
Intervals read_extents(const Table& table);

/// The same of a table that a file may have, such as /intervals/invalid_times.
Intervals read_extents_of(const h5::File& file, const std::string& table);

}  // namespace rnn_rates::nwb
