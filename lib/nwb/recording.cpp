#include "nwb/recording.hpp"

#include <fmt/ranges.h>

#include "core/error.hpp"

namespace rnn_rates::nwb {
namespace {

const char* const units_table = "/units";
const char* const electrodes_table = "/general/extracellular_ephys/electrodes";

/// The location of each unit's first electrode; "" for a unit without any.
std::vector<std::string> electrode_locations(const h5::File& file, std::size_t units) {
  const Table table(file, units_table);
  const std::vector<std::size_t> starts = table.row_starts("electrodes");
  const std::vector<double> rows = h5::read_vector<double>(file, "/units/electrodes");
  const std::vector<std::string> locations = Table(file, electrodes_table).texts("location");
  std::vector<std::string> of_unit(units);
  for (std::size_t unit = 0; unit < units && unit + 1 < starts.size(); ++unit) {
    if (starts[unit] == starts[unit + 1]) continue;
    const double row = rows[starts[unit]];
    if (!(row >= 0 && row < static_cast<double>(locations.size()))) {
      throw Error(ErrorKind::input, "{}: unit {} is on row {} of {}, which has {} rows", table.where(), unit,
                  row, electrodes_table, locations.size());
    }
    of_unit[unit] = locations[static_cast<std::size_t>(row)];
  }
  return of_unit;
}

Table open_table(const h5::File& file, const std::string& name) {
  const std::string group = name.starts_with('/') ? name : "/intervals/" + name;
  if (h5::is_group(file, group)) return Table(file, group);
  const std::vector<std::string> tables =
      h5::is_group(file, "/intervals") ? h5::children(file, "/intervals") : std::vector<std::string>{};
  throw Error(ErrorKind::input, "{}: no table of trials '{}'; tables in /intervals: {}. Choose with --trials",
              file.path().string(), group,
              tables.empty() ? "none" : fmt::format("{}", fmt::join(tables, ", ")));
}

/// (trial) the condition of each trial by the column that was chosen, else by the first of the usual names.
std::vector<std::string> read_conditions(const Table& trials, const std::string& chosen, std::size_t rows) {
  if (chosen != "auto" && chosen != "none") return trials.texts(chosen);
  if (chosen == "none") return std::vector<std::string>(rows, "all");
  for (const char* usual :
       {"condition", "taste", "stimulus", "stimulus_name", "stim_name", "trial_type", "odor", "odour"}) {
    if (trials.has(usual)) return trials.texts(usual);
  }
  std::vector<std::string> others = trials.columns();
  std::erase_if(others, [](const std::string& name) {
    return name == "start_time" || name == "stop_time" || name == "timeseries" || name == "tags";
  });
  if (others.empty()) return std::vector<std::string>(rows, "all");
  throw Error(
      ErrorKind::input,
      "{}: which column tells the condition of a trial? Choose with --condition, or take all trials as "
      "one with --condition none. Columns: {}",
      trials.where(), fmt::join(others, ", "));
}

}  // namespace

SpikeTimes find_spike_times(const h5::File& file) {
  if (!h5::is_group(file, units_table) || !h5::is_dataset(file, "/units/spike_times")) {
    throw Error(ErrorKind::input, "{}: no table /units with spike_times in this NWB file; it holds: {}",
                file.path().string(), fmt::join(h5::children(file, "/"), ", "));
  }
  SpikeTimes spikes{std::make_shared<const h5::Dataset>(file, "/units/spike_times"),
                    Table(file, units_table).row_starts("spike_times")};
  if (spikes.starts.size() < 2)
    throw Error(ErrorKind::input, "{}: no unit in this table", file.where(units_table));
  return spikes;
}

std::vector<std::string> read_locations(const h5::File& file, std::size_t units) {
  const Table table(file, units_table);
  std::vector<std::string> locations;
  if (table.has("electrodes") && h5::is_dataset(file, std::string(electrodes_table) + "/location")) {
    locations = electrode_locations(file, units);
  } else {
    for (const char* column : {"location", "brain_area", "brain_region", "region"}) {
      if (!table.has(column)) continue;
      locations = table.texts(column);
      if (locations.size() == units) break;
      throw Error(ErrorKind::input, "{}: regions of {} units, expected {}", table.where(), locations.size(),
                  units);
    }
  }
  return locations;
}

Trials read_trials(const h5::File& file, const TrialColumns& columns) {
  Trials trials{open_table(file, columns.table), {}, {}, {}};
  trials.times_s = trials.table.numbers(columns.align_to);
  trials.conditions = read_conditions(trials.table, columns.condition, trials.times_s.size());
  const bool dig_ins_there = columns.condition == "auto" && trials.table.has("dig_in_name_taste");
  trials.dig_ins = dig_ins_there ? trials.table.texts("dig_in_name_taste") : trials.conditions;
  if (trials.conditions.size() != trials.times_s.size() || trials.dig_ins.size() != trials.times_s.size()) {
    throw Error(ErrorKind::input, "{}: columns of {}, {} and {} rows, expected one length",
                trials.table.where(), trials.times_s.size(), trials.conditions.size(), trials.dig_ins.size());
  }
  return trials;
}

TrialLaser read_laser(const Trials& trials) {
  const std::size_t rows = trials.times_s.size();
  TrialLaser laser;
  if (trials.table.has("laser_duration_ms")) {
    laser.durations_ms = trials.table.numbers("laser_duration_ms");
    if (trials.table.has("laser_lag_ms")) laser.lags_ms = trials.table.numbers("laser_lag_ms");
    laser.durations_ms.resize(rows);
    laser.lags_ms.resize(rows);
  } else if (trials.table.has("laser")) {
    for (const double on : trials.table.numbers("laser")) laser.on.push_back(on > 0);
    laser.on.resize(rows);
  }
  return laser;
}

}  // namespace rnn_rates::nwb
