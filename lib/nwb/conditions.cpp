#include "nwb/conditions.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "core/natural_order.hpp"

namespace rnn_rates::nwb {
namespace {

constexpr std::string_view separator = ", ";

/// Without blanks at its ends; "" for what pandas and others write for nothing.
std::string cleaned(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  std::string clean = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  return clean == "nan" || clean == "NaN" ? "" : clean;
}

std::vector<std::string> read_column(const Table& trials, const std::string& column) {
  std::vector<std::string> conditions = trials.texts(column);
  for (std::string& condition : conditions) condition = cleaned(condition);
  return conditions;
}

/// "left,right" as its columns; a name with commas that is a column's stays whole.
std::vector<std::string> chosen_columns(const Table& trials, const std::string& chosen) {
  if (trials.has(chosen)) return {chosen};
  std::vector<std::string> columns;
  for (std::size_t from = 0; from <= chosen.size();) {
    const std::size_t end = std::min(chosen.find(',', from), chosen.size());
    columns.push_back(cleaned(chosen.substr(from, end - from)));
    from = end + 1;
  }
  return columns;
}

std::vector<std::string> read_joined(const Table& trials, const std::vector<std::string>& columns) {
  std::vector<std::string> joined = read_column(trials, columns.front());
  for (std::size_t i = 1; i < columns.size(); ++i) {
    const std::vector<std::string> more = read_column(trials, columns[i]);
    if (more.size() != joined.size()) {
      throw Error(ErrorKind::input, "{}: columns '{}' and '{}' have {} and {} rows, expected as many",
                  trials.where(), columns.front(), columns[i], joined.size(), more.size());
    }
    for (std::size_t row = 0; row < joined.size(); ++row) {
      if (joined[row].empty() || more[row].empty()) {
        joined[row].clear();
      } else {
        joined[row].append(separator).append(more[row]);
      }
    }
  }
  return joined;
}

/// Columns that may tell conditions: those with 2 to 50 different values.
std::vector<std::string> likely_columns(const Table& trials) {
  constexpr std::size_t fewest = 2, most = 50;
  std::vector<std::string> likely;
  for (const std::string& column : trials.columns()) {
    if (column == "start_time" || column == "stop_time" || column == "timeseries") continue;
    try {
      const std::vector<std::string> values = read_column(trials, column);
      std::set<std::string> distinct(values.begin(), values.end());
      distinct.erase("");
      if (distinct.size() >= fewest && distinct.size() <= most) likely.push_back(column);
    } catch (const Error&) {
      continue;  // such as references to time series
    }
  }
  return likely;
}

/// Whether the table has more than what every table of trials has.
bool has_own_columns(const Table& trials) {
  const std::vector<std::string> columns = trials.columns();
  return std::any_of(columns.begin(), columns.end(), [](const std::string& name) {
    return name != "start_time" && name != "stop_time" && name != "timeseries" && name != "tags";
  });
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool part_less(std::string_view left, std::string_view right) {
  const auto a = number_in(left), b = number_in(right);
  if (a && b && *a != *b) return *a < *b;
  if (a.has_value() != b.has_value()) return a.has_value();
  return natural_less(left, right);
}

}  // namespace

std::vector<std::string> read_conditions(const Table& trials, const std::string& chosen, std::size_t rows) {
  if (chosen == "none") return std::vector<std::string>(rows, "all");
  if (chosen != "auto") return read_joined(trials, chosen_columns(trials, chosen));
  for (const char* usual :
       {"condition", "taste", "stimulus", "stimulus_name", "stim_name", "trial_type", "odor", "odour"}) {
    if (trials.has(usual)) return read_column(trials, usual);
  }
  if (!has_own_columns(trials)) return std::vector<std::string>(rows, "all");
  const std::vector<std::string> likely = likely_columns(trials);
  throw Error(ErrorKind::input,
              "{}: which column tells the condition of a trial? Choose with --condition, two together as in "
              "--condition left,right, or take all trials as one with --condition none. Columns with 2 to 50 "
              "different values: {}",
              trials.where(),
              likely.empty() ? fmt::format("none; all columns: {}", fmt::join(trials.columns(), ", "))
                             : fmt::format("{}", fmt::join(likely, ", ")));
}

bool condition_less(std::string_view left, std::string_view right) {
  while (true) {
    const std::size_t end_left = std::min(left.find(separator), left.size()),
                      end_right = std::min(right.find(separator), right.size());
    const std::string_view a = left.substr(0, end_left), b = right.substr(0, end_right);
    if (part_less(a, b)) return true;
    if (part_less(b, a)) return false;
    if (end_left == left.size() || end_right == right.size())
      return end_left == left.size() && end_right < right.size();
    left.remove_prefix(end_left + separator.size());
    right.remove_prefix(end_right + separator.size());
  }
}

}  // namespace rnn_rates::nwb
