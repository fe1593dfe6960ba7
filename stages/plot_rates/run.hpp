#pragma once

#include "cli/stage.hpp"

namespace rnn_rates::plot_rates {

/// Draws the session's figures into plots/ and lists them in plots/manifest.json; pictures of an earlier run
/// that this one does not draw are removed.
cli::SessionReport run(const cli::Context& context, const cli::SessionFolder& session);

/// Throws Error(input) where a picture that the manifest lists is missing or is not the one that was drawn.
void verify_pictures(const cli::SessionFolder& session);

}  // namespace rnn_rates::plot_rates
