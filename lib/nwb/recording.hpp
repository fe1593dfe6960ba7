#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "h5/dataset.hpp"
#include "h5/file.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::nwb {

/// The spike times of all units, one unit after the other.
struct SpikeTimes {
  std::shared_ptr<const h5::Dataset> times_s;  ///< not read yet
  std::vector<std::size_t>
      starts;  ///< (unit + 1) where each unit's begin in it, and where the last one's end
};

/// From the table of units at the path `table`. Throws Error(input), listing such tables, where there is
/// none, and where no unit is in it.
SpikeTimes find_spike_times(const h5::File& file, const std::string& table);

/// Where trials are found.
struct TrialColumns {
  std::string table = "trials";         ///< in /intervals, or the path of one anywhere
  std::string align_to = "start_time";  ///< its column of seconds that holds the stimulus
  std::string condition = "auto";       ///< its column of conditions, or several; see read_conditions()
};

/// The table of trials, in its own order.
struct Trials {
  Table table;
  std::vector<double> times_s;          ///< (trial) of the stimulus
  std::vector<std::string> conditions;  ///< (trial) "" for none; "all" where the table has no such column
  std::vector<std::string> dig_ins;     ///< (trial) by blech_clust's column, else the conditions
  bool has_dig_ins = false;             ///< dig_ins are blech_clust's
};

/// Throws Error(input), listing the tables or columns there are. The file must outlive the trials.
Trials read_trials(const h5::File& file, const TrialColumns& columns);

/// (trial) the columns of numbers, booleans as 0 and 1, and of short texts or names, of which Table::texts()
/// says what they may be; and id where ids are not simply 0, 1, 2. The rest, such as references, is left out.
Columns read_short_columns(const Trials& trials);

/// What a table says of the laser, by the columns that blech_clust has too. Without them all are empty.
struct TrialLaser {
  std::vector<double> durations_ms, lags_ms;  ///< (trial)
  std::vector<bool> on;                       ///< (trial) where that is all that is known
};
TrialLaser read_laser(const Trials& trials);

/// Whether a file is NWB: by its ending, or by the attribute that every NWB file has.
bool is_nwb(const h5::File& file);

}  // namespace rnn_rates::nwb
