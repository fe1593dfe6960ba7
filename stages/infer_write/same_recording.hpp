#pragma once

#include "artifact/artifact.hpp"
#include "run/context.hpp"

namespace rnn_rates::infer_write {

/// Throws Error(input) unless the session's recording, of which `input` is the flag --input, holds the spikes
/// that bins.h5 was made from. Its files are read only where their size or date is not that which bins.h5
/// remembers.
void check_recording(const run::Context& context, const run::SessionFolder& session, const std::string& input,
                     const artifact::Opened& bins);

}  // namespace rnn_rates::infer_write
