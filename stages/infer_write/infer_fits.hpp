#pragma once

#include <map>
#include <string>
#include <vector>

#include "artifact/artifact.hpp"
#include "artifact/bins_file.hpp"
#include "infer_write/checkpoints.hpp"
#include "inference/fit_result.hpp"
#include "mpi/group.hpp"
#include "run/context.hpp"

namespace rnn_rates::infer_write {

/// A fit with its trained networks, one or one per fold.
struct FitSource {
  std::string name;
  double cost = 1;  ///< expected, in any unit
  std::vector<artifact::Opened> models;
};

/// What a session's rates are computed from.
struct Sources {
  artifact::Opened bins;
  artifact::Opened pca;
  std::vector<FitSource> fits;
};

/// A session's fits, of which each rank has those that it inferred.
struct Inferred {
  std::map<std::string, inference::FitResult> own;
  std::vector<int> owners;            ///< (fit) the rank that has it
  std::vector<std::string> outlines;  ///< (fit) artifact::fit_outline, on rank 0; empty where it is alone
};

/// Infers the session's fits, which the ranks of `group`, all of which call it, share out. Once a stop was
/// asked for, saves what there is in `checkpoints` and throws Error(stopped).
Inferred infer_fits(const run::Context& context, const config::InferWrite& settings, const Sources& sources,
                    const artifact::SessionBins& bins, const mpi::Group& group, Checkpoints& checkpoints);

}  // namespace rnn_rates::infer_write
