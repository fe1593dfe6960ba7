#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/natural_order.hpp"
#include "h5/dataset.hpp"
#include "session/laser.hpp"
#include "session/nwb_table.hpp"
#include "session/readers.hpp"
#include "session/regions.hpp"
#include "session/spike_times.hpp"

namespace rnn_rates::session {
namespace {

/// Times are in seconds: what was a whole millisecond may come out this much lower.
constexpr double rounding_ms = 1e-6;

class NwbRecording final : public Recording {
 public:
  NwbRecording(RecordingFacts facts, h5::File file, std::vector<UnitTimes> units, double pre_ms)
      : Recording(std::move(facts)), file_(std::move(file)), units_(std::move(units)), pre_ms_(pre_ms) {}

 private:
  void read_checked(std::size_t taste, std::size_t trial, std::size_t first_ms, std::size_t last_ms,
                    std::span<double> spikes) override {
    const double start_s = tastes()[taste].times_s[trial] - pre_ms_ / 1000;
    const double from_s = start_s + (static_cast<double>(first_ms) - 1) / 1000;
    const double to_s = start_s + (static_cast<double>(last_ms) + 1) / 1000;
    const std::size_t width = last_ms - first_ms;
    std::fill(spikes.begin(), spikes.end(), 0.0);
    for (std::size_t unit = 0; unit < units_.size(); ++unit) {
      units_[unit].visit(from_s, to_s, block_, [&](double time_s) {
        const double ms =
            std::floor((time_s - tastes()[taste].times_s[trial]) * 1000 + pre_ms_ + rounding_ms);
        if (ms < static_cast<double>(first_ms) || ms >= static_cast<double>(last_ms)) return;
        spikes[unit * width + static_cast<std::size_t>(ms) - first_ms] += 1.0;
      });
    }
  }

  h5::File file_;
  std::vector<UnitTimes> units_;
  double pre_ms_;
  std::vector<double> block_;
};

const char* const units_table = "/units";
const char* const electrodes_table = "/general/extracellular_ephys/electrodes";

std::vector<UnitTimes> open_units(const h5::File& file) {
  if (!h5::is_group(file, units_table) || !h5::is_dataset(file, "/units/spike_times")) {
    throw Error(ErrorKind::input, "{}: no table /units with spike_times in this NWB file; it holds: {}",
                file.path().string(), fmt::join(h5::children(file, "/"), ", "));
  }
  const std::vector<std::size_t> starts = NwbTable(file, units_table).row_starts("spike_times");
  const auto times = std::make_shared<const h5::Dataset>(file, "/units/spike_times");
  std::vector<UnitTimes> units;
  for (std::size_t unit = 0; unit + 1 < starts.size(); ++unit)
    units.emplace_back(times, starts[unit], starts[unit + 1] - starts[unit]);
  if (units.empty()) throw Error(ErrorKind::input, "{}: no unit in this table", file.where(units_table));
  return units;
}

/// The location of each unit's first electrode; "" for a unit without any.
std::vector<std::string> electrode_locations(const h5::File& file, std::size_t units) {
  const NwbTable table(file, units_table);
  const std::vector<std::size_t> starts = table.row_starts("electrodes");
  const std::vector<double> rows = h5::read_vector<double>(file, "/units/electrodes");
  const std::vector<std::string> locations = NwbTable(file, electrodes_table).texts("location");
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

std::vector<std::string> read_regions(const h5::File& file, std::size_t units) {
  const NwbTable table(file, units_table);
  std::vector<std::string> regions(units, "all");
  if (table.has("electrodes") && h5::is_dataset(file, std::string(electrodes_table) + "/location")) {
    regions = electrode_locations(file, units);
  } else {
    for (const char* column : {"location", "brain_area", "brain_region", "region"}) {
      if (!table.has(column)) continue;
      regions = table.texts(column);
      break;
    }
  }
  if (regions.size() != units) {
    throw Error(ErrorKind::input, "{}: regions of {} units, expected {}", table.where(), regions.size(),
                units);
  }
  for (std::string& region : regions) region = region_name(region);
  return regions;
}

NwbTable open_trials(const h5::File& file, const std::string& name) {
  const std::string group = name.starts_with('/') ? name : "/intervals/" + name;
  if (h5::is_group(file, group)) return NwbTable(file, group);
  const std::vector<std::string> tables =
      h5::is_group(file, "/intervals") ? h5::children(file, "/intervals") : std::vector<std::string>{};
  throw Error(ErrorKind::input, "{}: no table of trials '{}'; tables in /intervals: {}. Choose with --trials",
              file.path().string(), group,
              tables.empty() ? "none" : fmt::format("{}", fmt::join(tables, ", ")));
}

/// (trial) the condition of each trial by the column that was chosen, else by the first of the usual names.
std::vector<std::string> read_conditions(const NwbTable& trials, const std::string& chosen,
                                         std::size_t rows) {
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

/// (trial) Taste::laser_ms by the columns that blech_clust has too; empty without them.
std::vector<std::array<double, 2>> read_laser(const NwbTable& trials, std::size_t rows) {
  std::vector<std::array<double, 2>> laser_ms;
  if (trials.has("laser_duration_ms")) {
    std::vector<double> durations_ms = trials.numbers("laser_duration_ms"), lags_ms;
    if (trials.has("laser_lag_ms")) lags_ms = trials.numbers("laser_lag_ms");
    durations_ms.resize(rows);
    lags_ms.resize(rows);
    for (std::size_t row = 0; row < rows; ++row)
      laser_ms.push_back(laser_span_ms(durations_ms[row], lags_ms[row]));
  } else if (trials.has("laser")) {
    for (const double on : trials.numbers("laser")) laser_ms.push_back(laser_span_ms(on > 0));
    laser_ms.resize(rows);
  }
  return laser_ms;
}

/// Trials sorted by time and grouped by condition, or by dig-in where the table has blech_clust's columns.
/// Rows without a time and those after the last spike are left out, and told in `facts.notes`.
std::vector<Taste> read_tastes(const NwbTable& trials, const NwbOptions& options, double last_spike_s,
                               bool with_laser, std::vector<std::string>& notes) {
  const std::vector<double> times_s = trials.numbers(options.align_to);
  const std::vector<std::string> names = read_conditions(trials, options.condition, times_s.size());
  const bool dig_ins_there = options.condition == "auto" && trials.has("dig_in_name_taste");
  const std::vector<std::string> dig_ins = dig_ins_there ? trials.texts("dig_in_name_taste") : names;
  if (names.size() != times_s.size() || dig_ins.size() != times_s.size()) {
    throw Error(ErrorKind::input, "{}: columns of {}, {} and {} rows, expected one length", trials.where(),
                times_s.size(), names.size(), dig_ins.size());
  }
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < times_s.size(); ++row) {
    if (times_s[row] <= last_spike_s) order.push_back(row);
  }
  if (order.size() < times_s.size()) {
    notes.push_back(fmt::format("{}: {} of {} trials have no {} before the last spike and are left out",
                                trials.where(), times_s.size() - order.size(), times_s.size(),
                                options.align_to));
  }
  if (order.empty()) {
    throw Error(ErrorKind::input, "{}: no trial has a {} up to the last spike, at {} s; expected seconds",
                trials.where(), options.align_to, last_spike_s);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times_s[a] < times_s[b]; });
  const auto laser_ms =
      with_laser ? read_laser(trials, times_s.size()) : std::vector<std::array<double, 2>>();
  std::map<std::string, Taste, decltype(&natural_less)> tastes(&natural_less);
  for (const std::size_t row : order) {
    Taste& taste = tastes.try_emplace(dig_ins[row], Taste{names[row], dig_ins[row]}).first->second;
    taste.times_s.push_back(times_s[row]);
    if (!laser_ms.empty()) taste.laser_ms.push_back(laser_ms[row]);
    ++taste.trials;
  }
  std::vector<Taste> all;
  all.reserve(tastes.size());
  for (auto& [key, taste] : tastes) all.push_back(std::move(taste));
  return all;
}

}  // namespace

std::unique_ptr<Recording> open_nwb(OpenSession session, const NwbOptions& options) {
  std::vector<UnitTimes> units = open_units(session.file);
  double last_s = 0;
  for (const UnitTimes& unit : units) last_s = std::max(last_s, unit.last());
  RecordingFacts facts;
  facts.kind = "nwb";
  facts.file = session.place.h5;
  facts.sources = {facts.file};
  facts.tastes =
      read_tastes(open_trials(session.file, options.trials), options, last_s, session.laser, facts.notes);
  facts.array_ms = options.array_ms;
  facts.unit_regions = session.regions_all ? std::vector<std::string>(units.size(), "all")
                                           : read_regions(session.file, units.size());
  return std::make_unique<NwbRecording>(std::move(facts), std::move(session.file), std::move(units),
                                        options.pre_ms);
}

}  // namespace rnn_rates::session
