#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace rnn_rates {

/// A column of a table, one value a row.
using Column = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
/// By name, all of one length.
using Columns = std::map<std::string, Column>;

std::size_t length(const Column& column);

/// The rows `rows` of a column, in that order. Throws std::out_of_range where there is no such row.
Column rows_of(const Column& column, std::span<const std::int64_t> rows);

/// What the cells of a table of texts hold: whole numbers, numbers ("" is NaN), or texts, where some cell is
/// neither.
Column from_cells(std::vector<std::string> cells);

/// Numbers, and texts of up to 100 bytes each: what is worth keeping with every result.
bool is_short(const Column& column);

/// Adds a column; where another of that name says something else, as recorded_NAME.
void add_column(Columns& columns, const std::string& name, Column column);

}  // namespace rnn_rates
