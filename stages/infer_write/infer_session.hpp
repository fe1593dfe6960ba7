#pragma once

#include "artifact/artifact.hpp"
#include "infer_write/infer_fits.hpp"
#include "run/stage.hpp"

namespace rnn_rates::infer_write {

/// Infers a session's rates and publishes them as rates.h5, on all ranks of `group` together. Where a stop
/// was asked for, what there is of each fit is kept in rates_<fit>.ckpt.h5, and Error(stopped) thrown; the
/// next run continues from there.
void infer_session(const run::Context& context, const config::InferWrite& settings,
                   const run::SessionFolder& session, const Sources& sources,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report);

}  // namespace rnn_rates::infer_write
