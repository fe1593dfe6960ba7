#pragma once

#include "artifact/artifact.hpp"
#include "infer_write/infer_fits.hpp"
#include "run/stage.hpp"

namespace rnn_rates::infer_write {

/// Infers a session's rates, on all ranks of `group` together, and publishes them as rates.h5. Where a stop
/// was asked for, Error(stopped) is thrown; the next run continues from the Parts that were kept.
void infer_session(const run::Context& context, const config::InferWrite& settings,
                   const run::SessionFolder& session, const Sources& sources,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report);

}  // namespace rnn_rates::infer_write
