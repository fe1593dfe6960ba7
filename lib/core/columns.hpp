#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace rnn_rates {

/// A column of a table, one value a row.
using Column = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
/// By name, all of one length.
using Columns = std::map<std::string, Column>;

}  // namespace rnn_rates
