#pragma once

#include <string>
#include <vector>

#include "run/stage.hpp"

namespace rnn_rates::reduce_pca {

/// Plans a session's fits, splits, scales and reduces each; publishes pca.h5.
class Stage final : public run::StageOf<config::ReducePca, run::SessionStage> {
 public:
  std::vector<artifact::Kind> touches() const override { return {artifact::bins, artifact::pca}; }
  run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                         const mpi::Group& group) override;
};

}  // namespace rnn_rates::reduce_pca
