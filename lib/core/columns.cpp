#include "core/columns.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace rnn_rates {
namespace {

template <class T>
std::optional<T> parsed(const std::string& cell) {
  T number{};
  const char* const end = cell.data() + cell.size();
  const auto result = std::from_chars(cell.data(), end, number);
  return result.ec == std::errc() && result.ptr == end ? std::optional(number) : std::nullopt;
}

/// Nothing where a cell is no such number; `of_nothing` stands for empty cells.
template <class T>
std::optional<std::vector<T>> numbers_in(const std::vector<std::string>& cells, std::optional<T> of_nothing) {
  std::vector<T> numbers;
  numbers.reserve(cells.size());
  for (const std::string& cell : cells) {
    const std::optional<T> number = cell.empty() ? of_nothing : parsed<T>(cell);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

std::size_t length(const Column& column) {
  return std::visit([](const auto& values) { return values.size(); }, column);
}

Column rows_of(const Column& column, std::span<const std::int64_t> rows) {
  return std::visit(
      [&](const auto& values) -> Column {
        std::decay_t<decltype(values)> some;
        some.reserve(rows.size());
        for (const std::int64_t row : rows) some.push_back(values.at(static_cast<std::size_t>(row)));
        return some;
      },
      column);
}

Column from_cells(std::vector<std::string> cells) {
  if (auto whole = numbers_in<std::int64_t>(cells, std::nullopt)) return *std::move(whole);
  if (auto numbers = numbers_in<double>(cells, std::numeric_limits<double>::quiet_NaN()))
    return *std::move(numbers);
  return cells;
}

bool is_short(const Column& column) {
  constexpr std::size_t longest = 100;
  const auto* const texts = std::get_if<std::vector<std::string>>(&column);
  return texts == nullptr ||
         std::ranges::all_of(*texts, [](const std::string& text) { return text.size() <= longest; });
}

void add_column(Columns& columns, const std::string& name, Column column) {
  const auto found = columns.find(name);
  if (found == columns.end()) {
    columns.emplace(name, std::move(column));
  } else if (found->second != column) {
    columns.insert_or_assign("recorded_" + name, std::move(column));
  }
}

}  // namespace rnn_rates
