#pragma once

#include "plot_rates/options.hpp"
#include "run/stage.hpp"

namespace rnn_rates::plot_rates {

/// Draws the session's figures into plots/, writes its page report.html and lists both in
/// plots/manifest.json; files of an earlier run that this one does not make are removed. With
/// Options::figure it draws that one only and leaves the rest.
run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                       const Options& options);

/// Throws Error(input) where a file that the manifest lists is missing or is not the one that was made.
void verify_pictures(const run::SessionFolder& session);

}  // namespace rnn_rates::plot_rates
