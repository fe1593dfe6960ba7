#pragma once

#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/rates_file.hpp"
#include "run/stage.hpp"

namespace rnn_rates::infer_write {

/// What a session's rates are computed from.
struct Inputs {
  artifact::Opened bins;
  artifact::Opened pca;
  std::vector<std::vector<artifact::Opened>> models;  ///< of each fit: one, or one a fold
};

/// Infers a session's rates and publishes them as rates.h5, on all ranks of `group` together. Where a stop
/// was asked for, what there is of each fit is kept in rates_<fit>.ckpt.h5, and Error(stopped) thrown; the
/// next run goes on from there.
void infer_session(const run::Context& context, const run::SessionFolder& session, const Inputs& inputs,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report);

}  // namespace rnn_rates::infer_write
