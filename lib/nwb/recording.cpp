#include "nwb/recording.hpp"

#include <fmt/ranges.h>

#include <numeric>

#include "core/characters.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "nwb/conditions.hpp"

namespace rnn_rates::nwb {
namespace {

Table open_table(const h5::File& file, const std::string& name) {
  const std::string group = name.starts_with('/') ? name : "/intervals/" + name;
  if (h5::is_group(file, group)) return Table(file, group);
  const std::vector<std::string> tables =
      h5::is_group(file, "/intervals") ? h5::children(file, "/intervals") : std::vector<std::string>{};
  throw Error(
      ErrorKind::input,
      "{}: no table of trials '{}'; tables in /intervals: {}. Choose with --trials; a table of one long row "
      "is read in stretches with chop.window_ms (docs/windows.md)",
      file.path().string(), group, tables.empty() ? "none" : fmt::format("{}", fmt::join(tables, ", ")));
}

/// Tables with spike times wherever they are.
std::vector<std::string> tables_of_units(const h5::File& file) {
  constexpr std::string_view ending = "/spike_times";
  std::vector<std::string> tables;
  for (const std::string& object : h5::datasets_below(file, "/")) {
    if (object.ends_with(ending)) tables.push_back(object.substr(0, object.size() - ending.size()));
  }
  return tables;
}

}  // namespace

SpikeTimes find_spike_times(const h5::File& file, const std::string& table) {
  const std::string object = table + "/spike_times";
  if (!h5::is_group(file, table) || !h5::is_dataset(file, object)) {
    const std::vector<std::string> others = tables_of_units(file);
    throw Error(ErrorKind::input, "{}: no table {} with spike_times in this NWB file; {}",
                file.path().string(), table,
                others.empty() ? fmt::format("it holds: {}", fmt::join(h5::children(file, "/"), ", "))
                               : fmt::format("choose with --units: {}", fmt::join(others, ", ")));
  }
  SpikeTimes spikes{std::make_shared<const h5::Dataset>(file, object),
                    Table(file, table).row_starts("spike_times")};
  if (spikes.starts.size() < 2) throw Error(ErrorKind::input, "{}: no unit in this table", file.where(table));
  return spikes;
}

Trials read_trials(const h5::File& file, const TrialColumns& columns) {
  Trials trials{open_table(file, columns.table), {}, {}, {}, false};
  trials.times_s = trials.table.numbers(columns.align_to);
  trials.conditions = read_conditions(trials.table, columns.condition, trials.times_s.size());
  trials.has_dig_ins = columns.condition == "auto" && trials.table.has("dig_in_name_taste");
  trials.dig_ins = trials.has_dig_ins ? trials.table.texts("dig_in_name_taste") : trials.conditions;
  if (trials.conditions.size() != trials.times_s.size() || trials.dig_ins.size() != trials.times_s.size()) {
    throw Error(ErrorKind::input, "{}: columns of {}, {} and {} rows, expected one length",
                trials.table.where(), trials.times_s.size(), trials.conditions.size(), trials.dig_ins.size());
  }
  return trials;
}

Columns read_short_columns(const Trials& trials) {
  const Table& table = trials.table;
  std::vector<std::string> names = table.columns();
  if (table.has("id")) names.emplace_back("id");
  std::vector<std::int64_t> in_order(trials.times_s.size());
  std::iota(in_order.begin(), in_order.end(), 0);
  Columns columns;
  for (const std::string& name : names) {
    try {
      Column column = table.column(name);
      if (length(column) == in_order.size() && is_short(column) &&
          (name != "id" || column != Column(in_order)))
        columns[name] = std::move(column);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::input) throw;
    }
  }
  return columns;
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

bool is_nwb(const h5::File& file) {
  const std::string ending = lower_case(file.path().extension().string());
  return ending == ".nwb" || h5::has_attribute(file, "/", "nwb_version");
}

}  // namespace rnn_rates::nwb
