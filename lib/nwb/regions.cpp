#include "nwb/regions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/characters.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/references.hpp"
#include "nwb/table.hpp"

namespace rnn_rates::nwb {
namespace {

const char* const ephys = "/general/extracellular_ephys";

using Texts = std::vector<std::string>;

bool is_known(const std::string& place) {
  static const std::set<std::string> unknown = {"", "unknown", "nan", "n/a", "na", "none", "unspecified"};
  return !unknown.contains(lower_case(place));
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

/// (row) the location of its group of electrodes, by reference or by name; empty where none is known.
Texts places_of_groups(const h5::File& file, const Table& table) {
  Texts groups;
  if (table.has("group_name")) {
    for (const std::string& name : table.texts("group_name"))
      groups.push_back(std::string(ephys) + "/" + name);
  }
  if (table.has("electrode_group")) groups = h5::read_references(file, table.group() + "/electrode_group");
  std::map<std::string, std::string> known;
  for (std::string& group : groups) {
    if (!known.contains(group)) {
      const bool told =
          !group.empty() && h5::is_group(file, group) && h5::has_attribute(file, group, "location");
      known[group] = told ? h5::read_text_attribute(file, group, "location") : "";
    }
    group = known[group];
  }
  return any_known(groups) ? groups : Texts{};
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

void note_several_regions(const Table& table, const ElectrodeRows& listed, const Texts& places,
                          Texts& notes) {
  std::size_t several = 0;
  for (const std::vector<std::size_t>& own : listed) {
    std::set<std::string> regions;
    for (const std::size_t row : own) regions.insert(places[row]);
    if (regions.size() > 1) ++several;
  }
  if (several == 0) return;
  notes.push_back(fmt::format(
      "{}: electrodes of {} of {} units lie in several regions, and neither a column (such as "
      "main_channel_id or "
      "max_electrode) nor waveform_mean tells their main electrode; the region of the first one is taken",
      table.where(), several, listed.size()));
}

/// (unit) the region of its main or first electrode; empty where no unit has one.
Texts places_by_electrode(const h5::File& file, const Table& table, std::size_t units, Texts& notes) {
  const Texts places = electrode_places(file);
  if (places.empty()) return {};
  const ElectrodeRows rows = main_electrodes(file, table, units, places.size(), notes);
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
  if (by_column.empty()) by_column = places_of_groups(file, table);
  if (by_column.empty()) return by_electrode;
  if (by_column.size() == units) return by_column;
  throw Error(ErrorKind::input, "{}: regions of {} units, expected {}", table.where(), by_column.size(),
              units);
}

}  // namespace rnn_rates::nwb
