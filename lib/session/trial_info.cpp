#include "session/trial_info.hpp"

#define CSV_IO_NO_THREAD
// The header copies a file name that it knows to be of full length.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-truncation"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/natural_order.hpp"

namespace rnn_rates::session {
namespace {

using Reader = io::CSVReader<3, io::trim_chars<' '>, io::double_quote_escape<',', '"'>>;

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

void add_row(std::vector<TasteStarts>& tastes, const std::string& dig_in, const std::string& taste,
             double start) {
  auto found =
      std::find_if(tastes.begin(), tastes.end(), [&](const auto& other) { return other.dig_in == dig_in; });
  if (found == tastes.end()) found = tastes.insert(tastes.end(), {dig_in, taste, {}});
  found->start_samples.push_back(start);
}

std::vector<TasteStarts> read_rows(const std::string& csv) {
  Reader reader(csv);
  reader.read_header(io::ignore_extra_column | io::ignore_missing_column, "dig_in_name_taste", "start_taste",
                     "taste");
  for (const char* column : {"dig_in_name_taste", "start_taste"}) {
    if (!reader.has_column(column)) throw Error(ErrorKind::input, "{}: no column '{}'", csv, column);
  }
  std::vector<TasteStarts> tastes;
  std::string dig_in, start, taste;
  while (reader.read_row(dig_in, start, taste)) {
    if (dig_in.empty()) {
      throw Error(ErrorKind::input, "{} line {}: dig_in_name_taste is empty", csv, reader.get_file_line());
    }
    add_row(tastes, dig_in, taste, parse_start(start, csv, reader.get_file_line()));
  }
  return tastes;
}

}  // namespace

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
            [](const auto& left, const auto& right) { return natural_less(left.dig_in, right.dig_in); });
  for (TasteStarts& taste : tastes) std::sort(taste.start_samples.begin(), taste.start_samples.end());
  return tastes;
}

}  // namespace rnn_rates::session
