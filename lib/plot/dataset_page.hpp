#pragma once

#include <limits>
#include <string>
#include <vector>

#include "plot/session_page.hpp"

namespace rnn_rates::plot {

/// NaN where there is none.
struct DatasetValue {
  double value;
  double standard_error = std::numeric_limits<double>::quiet_NaN();
};

/// A session's row in the page of a dataset: a link to its page and its values.
struct DatasetRow {
  PageLink link;
  std::vector<DatasetValue> values;
  PageVerdict verdict = {};
};

struct DatasetPage {
  std::string title;
  std::string lead;
  std::vector<std::string> columns;   ///< what each of the values is
  std::vector<std::string> meanings;  ///< the same at length; may be empty
  std::vector<DatasetRow> rows;
};

/// index.html: a table of sessions that a click on a column's head sorts, and a chart of their columns
/// bits_per_hidden_spike and bits_over_best_simple. Self-contained, like a session's page.
std::string dataset_page_html(const DatasetPage& page);

}  // namespace rnn_rates::plot
