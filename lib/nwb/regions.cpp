#include "nwb/regions.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::nwb {
namespace {

const char* const ephys = "/general/extracellular_ephys";
const char* const electrodes_table = "/general/extracellular_ephys/electrodes";

using Texts = std::vector<std::string>;
/// (unit) rows of the table of electrodes.
using Rows = std::vector<std::vector<std::size_t>>;

bool is_known(std::string place) {
  std::transform(place.begin(), place.end(), place.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  static const std::set<std::string> unknown = {"", "unknown", "nan", "n/a", "na", "none", "unspecified"};
  return !unknown.contains(place);
}

bool any_known(const Texts& places) { return std::any_of(places.begin(), places.end(), is_known); }

/// The first of the usual columns of places in which any is known; empty where none is.
Texts read_places(const Table& table) {
  for (const char* column :
       {"location", "brain_area", "brain_region", "region", "brain_areas", "area", "structure",
        "ecephys_structure_acronym", "structure_acronym", "anatomical_location"}) {
    if (!table.has(column)) continue;
    Texts places = table.texts(column);
    if (any_known(places)) return places;
  }
  return {};
}

/// (electrode) the location of its group.
Texts places_of_groups(const h5::File& file, const Table& electrodes) {
  Texts places;
  if (!electrodes.has("group_name")) return places;
  for (const std::string& name : electrodes.texts("group_name")) {
    const std::string group = std::string(ephys) + "/" + name;
    const bool told = h5::is_group(file, group) && h5::has_attribute(file, group, "location");
    places.push_back(told ? h5::read_text_attribute(file, group, "location") : "");
  }
  return any_known(places) ? places : Texts{};
}

/// (electrode) where it is; empty where nothing says so.
Texts electrode_places(const h5::File& file) {
  if (!h5::is_group(file, electrodes_table)) return {};
  const Table electrodes(file, electrodes_table);
  Texts places = read_places(electrodes);
  if (places.empty()) places = places_of_groups(file, electrodes);
  if (places.empty() && electrodes.has("location")) places = electrodes.texts("location");
  return places;
}

/// The electrodes that each unit lists.
Rows listed_electrodes(const Table& table, std::size_t units, std::size_t electrodes) {
  Rows listed(units);
  if (!table.has("electrodes")) return listed;
  const std::vector<std::size_t> starts = table.row_starts("electrodes");
  const std::vector<double> rows = table.elements("electrodes");
  for (std::size_t unit = 0; unit < units && unit + 1 < starts.size(); ++unit) {
    for (std::size_t i = starts[unit]; i < starts[unit + 1]; ++i) {
      if (!(rows[i] >= 0 && rows[i] < static_cast<double>(electrodes))) {
        throw Error(ErrorKind::input, "{}: unit {} is on row {} of {}, which has {} rows", table.where(),
                    unit, rows[i], electrodes_table, electrodes);
      }
      listed[unit].push_back(static_cast<std::size_t>(rows[i]));
    }
  }
  return listed;
}

/// Columns whose name says that they hold a unit's main electrode, the clearest names first.
Texts main_columns(const Table& table) {
  const std::string electrode = "(channel|electrode|chan|ch|site)(_?(id|index|ind|idx|name|number|num|row))?";
  const std::regex clear(
      "(.*_)?(main|max|maximal|peak|best|extremum|extreme|primary|principal|largest).*" + electrode,
      std::regex::icase),
      bare(electrode, std::regex::icase);
  Texts columns;
  for (const std::regex* pattern : {&clear, &bare}) {
    for (const std::string& column : table.columns()) {
      if (std::regex_match(column, *pattern)) columns.push_back(column);
    }
  }
  return columns;
}

/// (electrode) what `key` calls it: a column of the table of electrodes, or "" for its row.
Texts electrode_names(const h5::File& file, const std::string& key, std::size_t electrodes) {
  Texts names;
  if (key.empty()) {
    for (std::size_t row = 0; row < electrodes; ++row) names.push_back(fmt::format("{}", row));
    return names;
  }
  const Table table(file, electrodes_table);
  if (table.has(key)) names = table.texts(key);
  if (names.size() != electrodes) names.clear();
  return names;
}

/// Joins the units' values with the electrodes' names; nothing where one does not fit. A name that several
/// electrodes have, on several probes, is the one that the unit lists. (unit) one row, or none for "".
std::optional<Rows> join(const Texts& values, const Texts& names, const Rows& listed) {
  std::multimap<std::string, std::size_t> rows_of;
  for (std::size_t row = 0; row < names.size(); ++row) rows_of.emplace(names[row], row);
  Rows joined(values.size());
  for (std::size_t unit = 0; unit < values.size(); ++unit) {
    if (values[unit].empty()) continue;
    const auto [begin, end] = rows_of.equal_range(values[unit]);
    for (auto at = begin; at != end; ++at) {
      const std::vector<std::size_t>& own = listed[unit];
      if (own.empty() || std::find(own.begin(), own.end(), at->second) != own.end())
        joined[unit].push_back(at->second);
    }
    if (joined[unit].size() != 1) return std::nullopt;
  }
  return joined;
}

std::optional<Rows> join_column(const h5::File& file, const Table& table, const std::string& column,
                                const Rows& listed, std::size_t electrodes) {
  Texts values = table.texts(column);
  // Lists of electrodes, the main one first.
  for (std::string& value : values) value.resize(std::min(value.find('+'), value.size()));
  if (values.size() != listed.size() ||
      std::all_of(values.begin(), values.end(), [](const std::string& value) { return value.empty(); }))
    return std::nullopt;
  static const std::regex of_rows(".*(index|ind|idx|row)", std::regex::icase),
      of_electrodes(".*electrode.*", std::regex::icase);
  Texts keys = {"channel_name", "channel_id", "channel", "electrode_name", "name", "id", ""};
  if (std::regex_match(column, of_electrodes)) keys = {"id", "electrode_name", "channel_name", "name", ""};
  if (table.refers_to_rows(column) || std::regex_match(column, of_rows)) keys = {""};
  for (const std::string& key : keys) {
    const Texts names = electrode_names(file, key, electrodes);
    if (names.empty()) continue;
    if (auto joined = join(values, names, listed)) return joined;
  }
  return std::nullopt;
}

/// (unit) the row of its main electrode, if a column tells.
std::optional<Rows> main_electrodes(const h5::File& file, const Table& table, const Rows& listed,
                                    std::size_t electrodes, Texts& notes) {
  Texts unfit;
  for (const std::string& column : main_columns(table)) {
    if (auto joined = join_column(file, table, column, listed, electrodes)) return joined;
    unfit.push_back(column);
  }
  const bool need_one =
      std::all_of(listed.begin(), listed.end(), [](const auto& own) { return own.empty(); });
  if (need_one && !unfit.empty()) {
    notes.push_back(fmt::format(
        "{}: the column '{}' does not fit the names, ids or rows of {}; regions of units are not known",
        table.where(), unfit.front(), electrodes_table));
  }
  return std::nullopt;
}

void note_several_regions(const Table& table, const Rows& listed, const Texts& places, Texts& notes) {
  std::size_t several = 0;
  for (const std::vector<std::size_t>& own : listed) {
    std::set<std::string> regions;
    for (const std::size_t row : own) regions.insert(places[row]);
    if (regions.size() > 1) ++several;
  }
  if (several == 0) return;
  notes.push_back(fmt::format(
      "{}: electrodes of {} of {} units lie in several regions, and no column (such as main_channel_id or "
      "max_electrode) tells a unit's main electrode; the region of its first one is taken",
      table.where(), several, listed.size()));
}

/// (unit) the region of its main or first electrode; empty where no unit has one.
Texts places_by_electrode(const h5::File& file, const Table& table, std::size_t units, Texts& notes) {
  const Texts places = electrode_places(file);
  if (places.empty()) return {};
  Rows rows = listed_electrodes(table, units, places.size());
  if (auto main = main_electrodes(file, table, rows, places.size(), notes)) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      if (!(*main)[unit].empty()) rows[unit] = (*main)[unit];
    }
  }
  note_several_regions(table, rows, places, notes);
  if (std::all_of(rows.begin(), rows.end(), [](const auto& own) { return own.empty(); })) return {};
  Texts of_unit(units);
  for (std::size_t unit = 0; unit < units; ++unit) {
    if (!rows[unit].empty()) of_unit[unit] = places[rows[unit].front()];
  }
  return of_unit;
}

}  // namespace

Texts read_locations(const h5::File& file, const std::string& units_table, std::size_t units, Texts& notes) {
  const Table table(file, units_table);
  Texts by_electrode = places_by_electrode(file, table, units, notes);
  if (any_known(by_electrode)) return by_electrode;
  Texts by_column = read_places(table);
  if (by_column.empty()) return by_electrode;
  if (by_column.size() == units) return by_column;
  throw Error(ErrorKind::input, "{}: regions of {} units, expected {}", table.where(), by_column.size(),
              units);
}

}  // namespace rnn_rates::nwb
