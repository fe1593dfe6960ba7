#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/columns.hpp"

namespace rnn_rates::session {

/// The trials of one dig-in.
struct TasteStarts {
  std::string dig_in;
  std::string taste;                            ///< "" where the table has no column for it
  std::vector<double> start_samples;            ///< (trial) rising, samples since the start of the recording
  std::vector<std::array<double, 2>> laser_ms;  ///< (trial) as Taste::laser_ms; empty without a column for it
  std::vector<std::int64_t> rows;               ///< (trial) its row in the table, from 0
};

/// Reads blech_clust's trial_info_frame.csv: columns dig_in_name_taste, start_taste and, where there are any,
/// taste and laser_duration_ms (above 0: laser) with laser_lag_ms, or else laser ("True"); others, a nameless
/// first one among them, do not matter. Dig-ins come in byte order, as PyTables lists them. Throws
/// Error(input) naming file and column or line.
std::vector<TasteStarts> read_trial_info(const std::filesystem::path& csv);

/// (row) the columns of that table which have a name and are short: numbers where all cells are, else texts.
/// Characters that names in HDF5 and NWB cannot have become "_". Throws Error(input).
Columns read_trial_table(const std::filesystem::path& csv);

}  // namespace rnn_rates::session
