#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "session/recording.hpp"

namespace rnn_rates::session {

/// The table of a recording's units.
struct UnitTable {
  std::string where;
  std::vector<std::string> columns;                     ///< names
  std::function<Column(const std::string& name)> read;  ///< of a column in `columns`
  std::vector<std::int64_t> ids, rows;                  ///< (unit) in the order of the spikes
};

/// (unit) whether `expression` is true of it. Comparisons (== != < <= > >=) of columns with numbers, quoted
/// texts, True, False or other columns, a column alone (true where it is not 0), `and`, `or`, `not` and
/// parentheses; names with blanks in backquotes, as in "quality == 'good' and not `is noise`". A word to the
/// right of a comparison that is no column is a text. What is not known (NaN) fulfils no comparison but !=.
/// Throws Error(config) where it cannot be read and Error(input), listing the columns, where one is missing.
std::vector<bool> fulfilled(const std::string& expression, const UnitTable& table);

/// Which units are taken, and what the file's table says of all.
struct UnitChoice {
  std::string where;
  std::string expression;
  std::vector<bool> wanted;  ///< (unit) empty for all
  Columns columns;           ///< (unit) id, row, and the columns of the expression
};

/// The units that fulfil `expression`, all for "", by the table of units of an NWB file at `units_table`, or
/// by a session folder's /unit_descriptor in the order of its unit_number. Throws as fulfilled() does.
UnitChoice choose_units(const h5::File& file, bool is_nwb, const std::string& units_table,
                        const std::string& expression);

/// The recording with these units only; its facts say more where they are not simply all in order. Throws
/// Error(input) where none is left, or where table and spikes have different numbers of units.
std::unique_ptr<Recording> take_units(std::unique_ptr<Recording> recording, const UnitChoice& choice);

}  // namespace rnn_rates::session
