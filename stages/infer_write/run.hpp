#pragma once

#include "infer_write/options.hpp"
#include "run/stage.hpp"

namespace rnn_rates::infer_write {

/// With --publish, throws Error(usage) where two of the sessions are of one recording, whatever paths and
/// links lead to it.
void check_recordings(const run::Context& context, const Options& options);

/// Infers the session's rates from its models into rates.h5; with --publish also into the session's own file.
/// All ranks of `group` call it: they share out the fits and write the file together.
run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                       const mpi::Group& group, const Options& options);

/// Throws Error(input) where the rates in the session's own file, or in rates.nwb, are not those that were
/// written.
void verify_copies(const run::Context& context, const run::SessionFolder& session, const Options& options);

}  // namespace rnn_rates::infer_write
