#include "nwb/table.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"

namespace rnn_rates::nwb {

Table::Table(const h5::File& file, std::string group) : file_(file), group_(std::move(group)) {
  if (!h5::is_group(file, group_)) throw Error(ErrorKind::input, "{}: no such table", where());
}

std::vector<std::string> Table::columns() const {
  std::vector<std::string> names;
  for (const std::string& name : h5::children(file_, group_)) {
    const bool index =
        name.ends_with("_index") && h5::is_dataset(file_, object(name.substr(0, name.size() - 6)));
    if (name != "id" && !index && h5::is_dataset(file_, object(name))) names.push_back(name);
  }
  return names;
}

bool Table::has(const std::string& column) const { return h5::is_dataset(file_, object(column)); }

void Table::require(const std::string& column) const {
  if (has(column)) return;
  throw Error(ErrorKind::input, "{}: no column '{}'; it has: {}", where(), column,
              fmt::join(columns(), ", "));
}

std::vector<double> Table::numbers(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  if (!dataset.is_numeric() || dataset.shape().size() != 1) {
    throw Error(ErrorKind::input, "{}: expected a column of numbers, one a row; the table's columns: {}",
                dataset.where(), fmt::join(columns(), ", "));
  }
  dataset.check_length();
  return h5::read_vector<double>(file_, object(column));
}

std::vector<std::string> Table::texts(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  if (dataset.is_text() && dataset.shape().size() == 1) return h5::read_strings(file_, object(column));
  std::vector<std::string> texts;
  for (const double number : numbers(column)) {
    texts.push_back(dataset.is_boolean() ? (number == 0 ? "False" : "True") : fmt::format("{}", number));
  }
  return texts;
}

std::vector<std::size_t> Table::row_starts(const std::string& column) const {
  require(column);
  const h5::Dataset dataset(file_, object(column));
  const std::size_t size = dataset.shape().size() == 1 ? dataset.shape()[0] : 0;
  std::vector<std::size_t> starts{0};
  if (!has(column + "_index")) {
    dataset.check_length();
    for (std::size_t row = 1; row <= size; ++row) starts.push_back(row);
    return starts;
  }
  h5::Dataset(file_, object(column + "_index")).check_length();
  for (const auto end : h5::read_vector<std::uint64_t>(file_, object(column + "_index"))) {
    if (end < starts.back() || end > size) {
      throw Error(ErrorKind::input, "{}: holds {} after {}, expected rising ends up to {}, the length of {}",
                  file_.where(object(column + "_index")), end, starts.back(), size, column);
    }
    starts.push_back(end);
  }
  return starts;
}

}  // namespace rnn_rates::nwb
