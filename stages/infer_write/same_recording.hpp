#pragma once

#include "artifact/artifact.hpp"
#include "infer_write/options.hpp"
#include "run/context.hpp"

namespace rnn_rates::infer_write {

/// Throws Error(input) unless the session's recording holds the spikes that bins.h5 was made from. Its files
/// are read only where their size or date is not that which bins.h5 remembers.
void check_recording(const run::Context& context, const run::SessionFolder& session, const Options& options,
                     const artifact::Opened& bins);

}  // namespace rnn_rates::infer_write
