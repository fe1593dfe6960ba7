#include "nwb/table.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::nwb {
namespace {

/// What the numbers of a column stand for; empty where they are numbers.
std::map<std::int64_t, std::string> names_of_numbers(const h5::File& file, const h5::Dataset& dataset,
                                                     const std::string& elements) {
  if (!h5::is_dataset(file, elements)) return dataset.names_of_numbers();
  std::map<std::int64_t, std::string> names;
  for (std::string& name : h5::read_strings(file, elements))
    names.emplace(static_cast<std::int64_t>(names.size()), std::move(name));
  return names;
}

/// "" for NaN. 12 digits, so that 0.1 + 0.2 is 0.3; of what has single precision as many as that, so that 0.1
/// is not 0.10000000149; whole numbers, such as ids, in full.
std::string text_of(double number) {
  constexpr double exact = 9e15;
  if (std::isnan(number)) return "";
  if (std::abs(number) < exact && number == std::floor(number)) return fmt::format("{:.0f}", number);
  const auto single = static_cast<float>(number);
  return static_cast<double>(single) == number ? fmt::format("{}", single) : fmt::format("{:.12g}", number);
}

}  // namespace

Table::Table(const h5::File& file, std::string group) : file_(file), group_(std::move(group)) {
  if (!h5::is_group(file, group_)) throw Error(ErrorKind::input, "{}: no such table", where());
}

std::vector<std::string> Table::columns() const {
  std::vector<std::string> names;
  for (const std::string& name : h5::children(file_, group_)) {
    const auto belongs_to_another = [&](std::string_view ending) {
      return name.ends_with(ending) &&
             h5::is_dataset(file_, object(name.substr(0, name.size() - ending.size())));
    };
    if (name != "id" && !belongs_to_another("_index") && !belongs_to_another("_elements") &&
        h5::is_dataset(file_, object(name)))
      names.push_back(name);
  }
  return names;
}

bool Table::has(const std::string& column) const { return h5::is_dataset(file_, object(column)); }

bool Table::holds_numbers(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  const bool has_names =
      !dataset.is_boolean() && !names_of_numbers(file_, dataset, object(column + "_elements")).empty();
  return dataset.is_numeric() && !has_names && !has(column + "_index");
}

bool Table::refers_to_rows(const std::string& column) const {
  return h5::has_attribute(file_, object(column), "table");
}

void Table::require(const std::string& column) const {
  if (has(column)) return;
  throw Error(ErrorKind::input, "{}: no column '{}'; it has: {}", where(), column,
              fmt::join(columns(), ", "));
}

std::vector<double> Table::elements(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  if (!dataset.is_numeric()) {
    throw Error(ErrorKind::input, "{}: expected a column of numbers, one a row; the table's columns: {}",
                dataset.where(), fmt::join(columns(), ", "));
  }
  dataset.check_length();
  return h5::read_vector<double>(file_, object(column));
}

std::vector<double> Table::numbers(const std::string& column) const {
  std::vector<double> values = elements(column);
  if (!has(column + "_index")) return values;
  const std::vector<std::size_t> starts = row_starts(column);
  std::vector<double> numbers(starts.size() - 1, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::size_t count = starts[row + 1] - starts[row];
    if (count > 1) {
      throw Error(ErrorKind::input,
                  "{}: lists {} values in row {}, expected one. Choose another column of: {}",
                  file_.where(object(column)), count, row, fmt::join(columns(), ", "));
    }
    if (count == 1) numbers[row] = values[starts[row]];
  }
  return numbers;
}

std::vector<std::string> Table::element_texts(const std::string& column) const {
  const h5::Dataset dataset(file_, object(column));
  if (dataset.is_text()) return h5::read_strings(file_, object(column));
  const auto names = names_of_numbers(file_, dataset, object(column + "_elements"));
  std::vector<std::string> texts;
  if (dataset.is_integer() && names.empty()) {  // in full, also where doubles are not exact
    dataset.check_length();
    for (const std::int64_t number : h5::read_vector<std::int64_t>(file_, object(column)))
      texts.push_back(std::to_string(number));
    return texts;
  }
  for (const double number : elements(column)) {
    if (dataset.is_boolean()) {
      texts.emplace_back(number == 0 ? "False" : "True");
    } else if (names.empty()) {
      texts.push_back(text_of(number));
    } else {
      const auto found = names.find(static_cast<std::int64_t>(number));
      if (found == names.end()) {
        throw Error(ErrorKind::input, "{}: holds {}, which is none of its {} names", dataset.where(), number,
                    names.size());
      }
      texts.push_back(found->second);
    }
  }
  return texts;
}

std::vector<std::string> Table::texts(const std::string& column) const {
  require(column);
  std::vector<std::string> texts = element_texts(column);
  if (!has(column + "_index")) return texts;
  const std::vector<std::size_t> starts = row_starts(column);
  std::vector<std::string> rows;
  for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
    rows.push_back(
        fmt::format("{}", fmt::join(texts.begin() + static_cast<std::ptrdiff_t>(starts[row]),
                                    texts.begin() + static_cast<std::ptrdiff_t>(starts[row + 1]), "+")));
  }
  return rows;
}

Column Table::column(const std::string& column) const {
  if (!holds_numbers(column)) return texts(column);
  const h5::Dataset dataset(file_, object(column));
  if (!dataset.is_integer() && !dataset.is_boolean()) return numbers(column);
  dataset.check_length();
  return h5::read_vector<std::int64_t>(file_, object(column));
}

std::vector<std::size_t> Table::row_starts(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  // A column of pairs, such as obs_intervals, has two axes.
  const auto& shape = dataset.shape();
  const bool pairs = shape.size() == 2 && shape[0] > 1 && shape[1] == 2;
  const std::size_t size = pairs ? shape[0] : dataset.length();
  std::vector<std::size_t> starts{0};
  const std::string index = column + "_index";
  if (!has(index)) {
    dataset.check_length();
    for (std::size_t row = 1; row <= size; ++row) starts.push_back(row);
    return starts;
  }
  if (has(index + "_index")) {
    throw Error(ErrorKind::input, "{}: holds lists of lists, expected at most one list a row",
                file_.where(object(column)));
  }
  h5::Dataset(file_, object(index)).check_length();
  for (const auto end : h5::read_vector<std::uint64_t>(file_, object(index))) {
    if (end < starts.back() || end > size) {
      throw Error(ErrorKind::input, "{}: holds {} after {}, expected rising ends up to {}, the length of {}",
                  file_.where(object(index)), end, starts.back(), size, column);
    }
    starts.push_back(end);
  }
  return starts;
}

}  // namespace rnn_rates::nwb
