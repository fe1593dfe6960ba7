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

/// What /intervals/invalid_times takes out of the recording.
Intervals read_invalid(const h5::File& file);

/// The trials from start_time to stop_time; empty where the table has no stop_time.
Intervals read_extents(const Table& trials);

}  // namespace rnn_rates::nwb
