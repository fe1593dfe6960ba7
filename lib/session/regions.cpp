#include "session/regions.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>

#include "core/characters.hpp"
#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "h5/table.hpp"
#include "session/session_info.hpp"

namespace rnn_rates::session {
namespace {

const std::string table = "/unit_descriptor";

/// A column of whole numbers.
std::vector<double> read_numbers(const h5::File& file, const std::string& column) {
  std::vector<double> numbers = h5::read_table_column(file, table, column);
  for (const double number : numbers) {
    if (!(std::abs(number) <= 1e9 && number == std::floor(number))) {
      throw Error(ErrorKind::input, "{}: column '{}' holds {}, expected whole numbers", file.where(table),
                  column, number);
    }
  }
  return numbers;
}

/// (unit), in order of unit_number where the table has it.
std::vector<std::int64_t> unit_electrodes(const h5::File& file, std::size_t units) {
  const std::vector<double> electrodes = read_numbers(file, "electrode_number");
  if (electrodes.size() != units) {
    throw Error(
        ErrorKind::input,
        "{}: {} rows, expected {}, one for each unit of the spikes. Let blech_clust write both again, or "
        "ignore regions with --regions all.",
        file.where(table), electrodes.size(), units);
  }
  std::vector<std::size_t> rows(units);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (h5::has_table_column(file, table, "unit_number")) {
    const std::vector<double> numbers = read_numbers(file, "unit_number");
    std::sort(rows.begin(), rows.end(),
              [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
    for (std::size_t i = 1; i < units; ++i) {
      if (numbers[rows[i - 1]] == numbers[rows[i]]) {
        throw Error(ErrorKind::input, "{}: two rows have the unit_number {}", file.where(table),
                    numbers[rows[i]]);
      }
    }
  }
  std::vector<std::int64_t> by_unit;
  by_unit.reserve(units);
  for (const std::size_t row : rows) by_unit.push_back(static_cast<std::int64_t>(electrodes[row]));
  return by_unit;
}

bool is_region(const std::string& as_written) {
  const std::string name = lower_case(as_written);
  return name.find("emg") == std::string::npos && name.find("none") == std::string::npos;
}

}  // namespace

std::vector<std::string> find_unit_regions(const h5::File& file, std::size_t units,
                                           const std::optional<std::filesystem::path>& info,
                                           bool regions_all) {
  if (regions_all || !info || !h5::exists(file, table)) return std::vector<std::string>(units, "all");
  const std::vector<std::int64_t> electrodes = unit_electrodes(file, units);
  const std::map<std::int64_t, std::string> layout = read_electrode_layout(*info);
  std::vector<std::string> regions;
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto found = layout.find(electrodes[unit]);
    if (found == layout.end() || !is_region(found->second)) {
      throw Error(ErrorKind::input,
                  "{}: unit {} is on electrode {}, which electrode_layout of {} {}. Mend electrode_layout or "
                  "drop the unit, or ignore regions with --regions all.",
                  file.where(table), unit, electrodes[unit], info->string(),
                  found == layout.end() ? "does not list"
                                        : fmt::format("lists under '{}', which is no region", found->second));
    }
    regions.push_back(found->second);
  }
  return regions;
}

void set_regions(RecordingFacts& facts, std::vector<std::string> names,
                 const std::function<std::string(const std::string&)>& clean) {
  constexpr std::size_t longest = 100;
  for (const std::string& name : names) {
    if (name.size() > longest) {
      throw Error(ErrorKind::input,
                  "the region '{}' has a name of {} bytes, expected at most {}. Give it a shorter one.", name,
                  name.size(), longest);
    }
  }
  std::map<std::string, std::string> ids;  // by name
  std::set<std::string> taken;
  // Names that fit stay as they are.
  for (const std::string& name : names) {
    if (clean(name) == name && taken.insert(name).second) ids.emplace(name, name);
  }
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    if (ids.contains(name)) continue;
    const std::string base = clean(name);
    std::string id = base;
    for (int next = 2; !taken.insert(id).second; ++next) id = fmt::format("{}_{}", base, next);
    ids.emplace(name, id);
  }
  facts.unit_regions.clear();
  for (const std::string& name : names) facts.unit_regions.push_back(ids.at(name));
  if (facts.unit_regions != names) facts.unit_columns["region"] = std::move(names);
}

std::string without_slashes(const std::string& text) {
  std::string name = text;
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char letter) { return letter == '/' || std::iscntrl(letter) != 0; }, '_');
  return name;
}

std::string region_name(const std::string& text) {
  std::string name = text;
  for (char& letter : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' ||
                       letter == '-' || letter == '_';
    if (!plain) letter = '_';
  }
  return name.empty() ? "unknown" : name;
}

}  // namespace rnn_rates::session
