#pragma once

#include <map>
#include <string>
#include <vector>

#include "h5/file.hpp"
#include "inference/leak_test.hpp"
#include "plot/session_page.hpp"
#include "plot_rates/figures.hpp"
#include "plot_rates/gather.hpp"

namespace rnn_rates::plot_rates {

/// Links to the sessions before and after this one on the command line, and to the dataset's page.
std::vector<plot::PageLink> page_links(const run::Context& context, const run::SessionFolder& session);

/// The most severe verdict on a session's fits, and of which one it is where there are several.
plot::PageVerdict page_verdict(const Gathered& gathered);

/// Scores by name and fit.
plot::PageTable score_table(const std::vector<inference::Metric>& metrics);

/// What report.html shows. It refers to `gathered`; pictures in place of charts are those of `drawn` that
/// lie in plots/.
plot::SessionPage session_page(const run::Context& context, const config::PlotRates& settings,
                               const run::SessionFolder& session, const Inputs& inputs,
                               const Gathered& gathered, const std::vector<Figure>& drawn);

/// What each dataset of rates or factors in rates.h5 is made from, a row for all fits of which it is the
/// same. `fit_titles` by the fits' names. Throws Error(input).
plot::PageTable knowledge_table(const h5::File& rates, const std::map<std::string, std::string>& fit_titles);

/// How much of the condition counts and rates tell, and how much regions seem to share.
std::vector<plot::PageTable> leak_tables(const inference::LeakTest& test);

}  // namespace rnn_rates::plot_rates
