#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <regex>

#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "nwb/regions.hpp"

namespace rnn_rates::nwb {
namespace {

using Texts = std::vector<std::string>;
/// (unit) rows of the table of electrodes.
using Rows = ElectrodeRows;

/// The electrodes that each unit lists.
Rows listed_electrodes(const Table& table, std::size_t units, std::size_t electrodes) {
  Rows listed(units);
  if (!table.has("electrodes")) return listed;
  const std::vector<std::size_t> starts = table.row_starts("electrodes");
  const std::vector<double> rows = table.elements("electrodes");
  for (std::size_t unit = 0; unit < units && unit + 1 < starts.size(); ++unit) {
    for (std::size_t i = starts[unit]; i < starts[unit + 1]; ++i) {
      if (!(rows[i] >= 0 && rows[i] < static_cast<double>(electrodes))) {
        throw Error(ErrorKind::input,
                    "{}: unit {} is on row {} of {}, which has {} rows. Mend it, or ignore regions with "
                    "--regions all",
                    table.where(), unit, rows[i], electrodes_table, electrodes);
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
                                const Rows& listed, std::size_t electrodes, Texts& notes) {
  Texts values = table.texts(column);
  for (std::string& value : values) {
    // Lists of electrodes, the main one first; ids that a table of texts made fractions of.
    value.resize(std::min(value.find('+'), value.size()));
    if (value.ends_with(".0")) value.resize(value.size() - 2);
  }
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
    auto joined = join(values, names, listed);
    if (!joined) continue;
    if (key.empty() && keys.size() > 1) {
      notes.push_back(
          fmt::format("{}: the values of '{}' are no ids or names of {}; they are taken for its rows, from 0",
                      table.where(), column, electrodes_table));
    }
    return joined;
  }
  return std::nullopt;
}

/// (unit) the row of its main electrode, if a column tells.
std::optional<Rows> by_column(const h5::File& file, const Table& table, const Rows& listed,
                              std::size_t electrodes, Texts& notes) {
  Texts unfit;
  for (const std::string& column : main_columns(table)) {
    if (auto joined = join_column(file, table, column, listed, electrodes, notes)) return joined;
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

/// The channel on which a unit's mean waveform is largest, peak to peak; nothing where it is flat or not
/// known.
std::optional<std::size_t> largest_channel(const h5::Dataset& waveforms, std::size_t unit) {
  const std::size_t samples = waveforms.shape()[1], channels = waveforms.shape()[2];
  std::vector<double> values(samples * channels);
  waveforms.read_block<double>(std::array<std::size_t, 3>{unit, 0, 0},
                               std::array<std::size_t, 3>{1, samples, channels}, std::span(values));
  double largest = 0;
  std::optional<std::size_t> found;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::size_t at = channel; at < values.size(); at += channels) {
      // Neither is changed by NaN.
      if (values[at] < least) least = values[at];
      if (values[at] > most) most = values[at];
    }
    if (most - least > largest && std::isfinite(most - least)) {
      largest = most - least;
      found = channel;
    }
  }
  return found;
}

/// Leaves a unit of several electrodes the one on which its waveform_mean (unit, sample, channel) is largest,
/// where channels are what it lists, in that order, or all electrodes.
void keep_largest(const h5::File& file, const Table& table, Rows& rows, std::size_t electrodes) {
  if (!table.has("waveform_mean") || table.has("waveform_mean_index")) return;
  const h5::Dataset waveforms(file, table.group() + "/waveform_mean");
  const std::vector<std::size_t>& shape = waveforms.shape();
  if (shape.size() != 3 || shape[0] != rows.size() || !waveforms.is_numeric()) return;
  for (std::size_t unit = 0; unit < rows.size(); ++unit) {
    std::vector<std::size_t>& own = rows[unit];
    if (own.size() < 2 || (shape[2] != own.size() && shape[2] != electrodes)) continue;
    const auto channel = largest_channel(waveforms, unit);
    if (!channel) continue;
    const std::size_t row = shape[2] == own.size() ? own[*channel] : *channel;
    if (std::find(own.begin(), own.end(), row) != own.end()) own = {row};
  }
}

}  // namespace

Rows main_electrodes(const h5::File& file, const Table& table, std::size_t units, std::size_t electrodes,
                     Texts& notes) {
  Rows rows = listed_electrodes(table, units, electrodes);
  if (const auto main = by_column(file, table, rows, electrodes, notes)) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      if (!(*main)[unit].empty()) rows[unit] = (*main)[unit];
    }
  }
  keep_largest(file, table, rows, electrodes);
  return rows;
}

}  // namespace rnn_rates::nwb
