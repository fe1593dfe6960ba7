#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nwb/table.hpp"

namespace rnn_rates::nwb {

/// (trial) the condition by the column `chosen`, or by several, as in "left,right", whose values ", " joins;
/// by the first of the usual names for "auto", "all" for "none". "" where a column says nothing: NaN, an
/// empty text or list. Throws Error(input), listing the columns that could be meant.
std::vector<std::string> read_conditions(const Table& trials, const std::string& chosen, std::size_t rows);

/// The order of conditions: numbers by value and before texts, texts in natural order; several columns one
/// after the other.
bool condition_less(std::string_view left, std::string_view right);

}  // namespace rnn_rates::nwb
