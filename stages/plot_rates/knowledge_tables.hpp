#pragma once

#include <map>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "inference/leak_test.hpp"
#include "plot/session_page.hpp"

namespace rnn_rates::plot_rates {

/// What each dataset of rates or factors in rates.h5 is made from, a row for all fits of which it is the
/// same. `fit_titles` by the fits' names. Throws Error(input).
plot::PageTable knowledge_table(const h5::File& rates, const std::map<std::string, std::string>& fit_titles);

/// How much of the condition counts and rates tell, and how much regions seem to share.
std::vector<plot::PageTable> leak_tables(const inference::LeakTest& test);

}  // namespace rnn_rates::plot_rates
