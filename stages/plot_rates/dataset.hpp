#pragma once

#include <nlohmann/json.hpp>

#include "plot_rates/figures.hpp"
#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

/// What the page of the dataset says of a session: sizes and the scores of all its fits together.
nlohmann::json session_summary(const run::SessionFolder& session, const Gathered& gathered);

/// OUT/index.html over every session with pictures in OUT (of --output), whichever run drew them. Nothing
/// without --output. Throws Error(output).
void write_dataset_page(const run::Context& context, const config::PlotRates& settings);

}  // namespace rnn_rates::plot_rates
