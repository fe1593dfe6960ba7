#pragma once

#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "infer_write/parts.hpp"
#include "mpi/group.hpp"
#include "run/context.hpp"
#include "run/outcome.hpp"

namespace rnn_rates::infer_write {

/// A fit with its trained networks, one or one per fold.
struct FitSource {
  std::string name;
  std::size_t units = 0;
  bool joint_tastes = true;  ///< of all tastes, or all with laser
  double cost = 1;           ///< expected, in any unit
  std::vector<artifact::Subject> networks;
  std::vector<artifact::Input> models;  ///< (network) as it was found; an open file takes half a megabyte
};

/// What a session's rates are computed from.
struct Sources {
  artifact::Opened bins;
  artifact::Opened pca;
  std::vector<FitSource> fits;
};

/// Infers the session's fits, which the ranks of `group`, all of which call it, share out, and puts each into
/// `parts` once it is finished. Once a stop was asked for, keeps what there is of the others and throws
/// Error(stopped).
void infer_fits(const run::Context& context, const config::InferWrite& settings,
                const run::SessionFolder& session, const Sources& sources, const artifact::SessionBins& bins,
                const mpi::Group& group, const Parts& parts);

/// Infers a session's rates, on all ranks of `group` together, and publishes them as rates.h5. Where a stop
/// was asked for, Error(stopped) is thrown; the next run continues from the Parts that were kept.
void infer_session(const run::Context& context, const config::InferWrite& settings,
                   const run::SessionFolder& session, const Sources& sources,
                   const artifact::Provenance& provenance, const mpi::Group& group,
                   run::SessionReport& report);

}  // namespace rnn_rates::infer_write
