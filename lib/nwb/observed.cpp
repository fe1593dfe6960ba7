#include "nwb/observed.hpp"

#include "core/error.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::nwb {

std::vector<std::optional<Intervals>> read_observed(const h5::File& file, const std::string& units_table,
                                                    std::size_t units) {
  const Table table(file, units_table);
  std::vector<std::optional<Intervals>> observed(units);
  if (!table.has("obs_intervals")) return observed;
  const std::vector<std::size_t> starts = table.row_starts("obs_intervals");
  const auto rows = h5::read_array<double, 2>(file, units_table + "/obs_intervals");
  if (starts.size() != units + 1 || rows.extent(1) != 2) {
    throw Error(ErrorKind::input,
                "{}: the column obs_intervals has {} rows of {} numbers, expected the start and stop of "
                "intervals of {} units",
                table.where(), starts.size() - 1, rows.extent(1), units);
  }
  for (std::size_t unit = 0; unit < units; ++unit) {
    Intervals of_unit;
    for (std::size_t row = starts[unit]; row < starts[unit + 1]; ++row)
      of_unit.push_back({rows(row, 0), rows(row, 1)});
    if (!of_unit.empty()) observed[unit] = united(std::move(of_unit));
  }
  return observed;
}

Intervals read_extents_of(const h5::File& file, const std::string& table) {
  return h5::is_group(file, table) ? read_extents(Table(file, table)) : Intervals{};
}

Intervals read_extents(const Table& table) {
  if (!table.has("start_time") || !table.has("stop_time")) return {};
  const std::vector<double> starts_s = table.numbers("start_time"), stops_s = table.numbers("stop_time");
  if (starts_s.size() != stops_s.size()) {
    throw Error(ErrorKind::input, "{}: {} times in start_time, {} in stop_time", table.where(),
                starts_s.size(), stops_s.size());
  }
  Intervals extents;
  for (std::size_t row = 0; row < starts_s.size(); ++row) extents.push_back({starts_s[row], stops_s[row]});
  return united(std::move(extents));
}

}  // namespace rnn_rates::nwb
