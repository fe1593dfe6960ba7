#pragma once

#include <string>
#include <vector>

#include "core/columns.hpp"
#include "h5/file.hpp"

namespace rnn_rates::nwb {

/// A table as NWB keeps it: a group with one dataset a column. All reads throw Error(input), naming the
/// columns there are where the wanted one is not among them.
class Table {
 public:
  /// Throws Error(input) if `group` is none.
  Table(const h5::File& file, std::string group);

  const std::string& group() const { return group_; }
  /// In byte order, without the row numbers `id`, the indices of ragged columns and the names of
  /// enumerations.
  std::vector<std::string> columns() const;
  bool has(const std::string& column) const;
  /// Numbers or booleans, and no lists, texts or names.
  bool holds_numbers(const std::string& column) const;
  /// The column refers to rows of another table (hdmf's DynamicTableRegion).
  bool refers_to_rows(const std::string& column) const;
  /// (row) NaN for an empty list. Throws Error(input) for lists of several numbers.
  std::vector<double> numbers(const std::string& column) const;
  /// (row) numbers as texts of up to 12 digits, booleans as "False" and "True", enumerations (HDF5's and
  /// hdmf's EnumData) by name, lists joined by "+"; "" for NaN and for an empty list.
  std::vector<std::string> texts(const std::string& column) const;
  /// (row) whole numbers and booleans, numbers, or texts, whichever it holds.
  Column column(const std::string& column) const;
  /// (row + 1) where each row of a ragged column begins in its dataset, and where the last one ends. A column
  /// without an index has one element a row.
  std::vector<std::size_t> row_starts(const std::string& column) const;
  /// (element) of a column that may be ragged, which row_starts() tells apart.
  std::vector<double> elements(const std::string& column) const;
  std::string where() const { return file_.where(group_); }

 private:
  std::string object(const std::string& column) const { return group_ + "/" + column; }
  void require(const std::string& column) const;
  std::vector<std::string> element_texts(const std::string& column) const;

  const h5::File& file_;
  std::string group_;
};

}  // namespace rnn_rates::nwb
