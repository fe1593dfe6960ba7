#pragma once

#include <vector>

#include "plot/figures.hpp"
#include "plot_rates/figures.hpp"

namespace rnn_rates::plot_rates {

/// R² of true rates, and what each method says of spikes that it did not see; of co-smoothing only where a
/// method can do it.
std::vector<plot::ScoreGroup> score_groups(const Gathered& gathered);

/// Of the fits in which the published rates and a simple method were scored.
std::vector<plot::FitUnitScores> unit_scores(const Gathered& gathered);

}  // namespace rnn_rates::plot_rates
