#pragma once

#include <string>
#include <vector>

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

}  // namespace rnn_rates::plot_rates
