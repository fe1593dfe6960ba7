#pragma once

#include "extract_bins/options.hpp"
#include "run/stage.hpp"

namespace rnn_rates::extract_bins {

/// Bins the session's spikes into bins.h5. A recording whose files are untouched since is not read again; one
/// that was touched is, and bins.h5 is made anew only if its spikes differ.
run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                       const Options& options);

/// Reads the recording again. Throws Error(input) where its spikes are not those of bins.h5; warns where
/// bins.h5 was made with other settings, which leaves nothing to compare.
void verify_recording(const run::Context& context, const run::SessionFolder& session, const Options& options);

/// Writes the simulated session that --simulate asks for; false if it does not.
bool simulate(const run::Context& context, const Options& options);

}  // namespace rnn_rates::extract_bins
