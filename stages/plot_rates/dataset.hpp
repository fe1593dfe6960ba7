#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "plot/dataset_page.hpp"
#include "plot/session_page.hpp"
#include "plot_rates/figures.hpp"
#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

/// What the page of the dataset says of a session: sizes and the scores of all its fits together.
nlohmann::json session_summary(const run::SessionFolder& session, const Gathered& gathered);

/// Summaries of the sessions in `out`, in natural order of their folders' names, with that name as "folder".
std::vector<nlohmann::json> summaries_in(const std::filesystem::path& out);
/// Parts of a summary, which anything may have written: NaN or empty texts where it is not what was expected.
plot::DatasetValue value_in(const nlohmann::json& score);
plot::PageVerdict verdict_in(const nlohmann::json& summary);

/// OUT/index.html over every session with pictures in OUT (of --output), whichever run drew them. Nothing
/// without --output. Throws Error(output).
void write_dataset_page(const run::Context& context, const config::PlotRates& settings);

}  // namespace rnn_rates::plot_rates
