#include "session/trial_info.hpp"

#define CSV_IO_NO_THREAD
// The header copies a file name that it knows to be of full length.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"
#include <csv.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "session/laser.hpp"

namespace rnn_rates::session {
namespace {

using Reader = io::CSVReader<6, io::trim_chars<' '>, io::double_quote_escape<',', '"'>>;

double parse_start(const std::string& text, const std::string& csv, unsigned line) {
  double start = 0.0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, start);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(start)) {
    throw Error(ErrorKind::input, "{} line {}: start_taste is '{}', expected a number of samples", csv, line,
                text);
  }
  return start;
}

struct Row {
  std::string dig_in, start, taste, laser_ms, laser_lag_ms, laser;
};

/// 0 for an empty cell, as pandas writes what is not known.
double parse_ms(const std::string& text, const char* column, const std::string& csv, unsigned line) {
  double ms = 0.0;
  const char* end = text.data() + text.size();
  if (!text.empty() && std::from_chars(text.data(), end, ms).ptr != end)
    throw Error(ErrorKind::input, "{} line {}: {} is '{}', expected a number", csv, line, column, text);
  return ms;
}

/// From when to when the row says that the laser was on.
std::array<double, 2> parse_laser(const Row& row, bool has_ms, const std::string& csv, unsigned line) {
  if (!has_ms) return laser_span_ms(row.laser == "True" || row.laser == "true" || row.laser == "1");
  return laser_span_ms(parse_ms(row.laser_ms, "laser_duration_ms", csv, line),
                       parse_ms(row.laser_lag_ms, "laser_lag_ms", csv, line));
}

TasteStarts& taste_of(std::vector<TasteStarts>& tastes, const Row& row) {
  auto found = std::find_if(tastes.begin(), tastes.end(),
                            [&](const auto& other) { return other.dig_in == row.dig_in; });
  if (found == tastes.end()) found = tastes.insert(tastes.end(), {row.dig_in, row.taste, {}, {}, {}});
  return *found;
}

std::vector<TasteStarts> read_rows(const std::string& csv) {
  Reader reader(csv);
  reader.read_header(io::ignore_extra_column | io::ignore_missing_column, "dig_in_name_taste", "start_taste",
                     "taste", "laser_duration_ms", "laser_lag_ms", "laser");
  for (const char* column : {"dig_in_name_taste", "start_taste"}) {
    if (!reader.has_column(column)) throw Error(ErrorKind::input, "{}: no column '{}'", csv, column);
  }
  const bool has_ms = reader.has_column("laser_duration_ms"),
             has_laser = has_ms || reader.has_column("laser");
  std::vector<TasteStarts> tastes;
  Row row;
  for (std::int64_t at = 0;
       reader.read_row(row.dig_in, row.start, row.taste, row.laser_ms, row.laser_lag_ms, row.laser); ++at) {
    if (row.dig_in.empty()) {
      throw Error(ErrorKind::input, "{} line {}: dig_in_name_taste is empty", csv, reader.get_file_line());
    }
    TasteStarts& taste = taste_of(tastes, row);
    taste.start_samples.push_back(parse_start(row.start, csv, reader.get_file_line()));
    taste.rows.push_back(at);
    if (has_laser) taste.laser_ms.push_back(parse_laser(row, has_ms, csv, reader.get_file_line()));
  }
  return tastes;
}

/// Orders the trials by their start.
void sort_trials(TasteStarts& taste) {
  std::vector<std::size_t> order(taste.start_samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return taste.start_samples[a] < taste.start_samples[b];
  });
  const TasteStarts unsorted = taste;
  for (std::size_t i = 0; i < order.size(); ++i) {
    taste.start_samples[i] = unsorted.start_samples[order[i]];
    taste.rows[i] = unsorted.rows[order[i]];
    if (!taste.laser_ms.empty()) taste.laser_ms[i] = unsorted.laser_ms[order[i]];
  }
}

/// The cells of a line, stripped of surrounding blanks and of the quotes around cells with commas.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool is_quote = line[at] == '"';
    if (is_quote && quoted && line.substr(at + 1, 1) == "\"") {
      cells.back() += line[++at];
    } else if (is_quote) {
      quoted = !quoted;
    } else if (line[at] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[at];
    }
  }
  for (std::string& cell : cells) {
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
  }
  return cells;
}

}  // namespace

Columns read_trial_table(const std::filesystem::path& csv) {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;
  try {
    io::LineReader reader(csv.string());
    while (const char* const line = reader.next_line()) {
      std::vector<std::string> cells = cells_of(line);
      if (names.empty()) {
        names = std::move(cells);
        columns.resize(names.size());
        continue;
      }
      cells.resize(names.size());
      for (std::size_t i = 0; i < names.size(); ++i) columns[i].push_back(std::move(cells[i]));
    }
  } catch (const io::error::base& error) {
    throw Error(ErrorKind::input, "{}: {}", csv.string(), error.what());
  }
  Columns table;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::ranges::replace_if(
        names[i], [](char letter) { return letter == '/' || letter == ':'; }, '_');
    Column column = from_cells(std::move(columns[i]));
    if (!names[i].empty() && is_short(column)) table.insert_or_assign(names[i], std::move(column));
  }
  return table;
}

std::vector<TasteStarts> read_trial_info(const std::filesystem::path& csv) {
  std::vector<TasteStarts> tastes;
  try {
    tastes = read_rows(csv.string());
  } catch (const io::error::base& error) {
    throw Error(ErrorKind::input, "{}: {}", csv.string(), error.what());
  }
  if (tastes.empty())
    throw Error(ErrorKind::input, "{}: no trials in this table, expected one row a trial", csv.string());
  std::sort(tastes.begin(), tastes.end(),
            [](const auto& left, const auto& right) { return left.dig_in < right.dig_in; });
  for (TasteStarts& taste : tastes) sort_trials(taste);
  return tastes;
}

}  // namespace rnn_rates::session
