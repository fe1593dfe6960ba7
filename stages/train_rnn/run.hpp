#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "run/stage.hpp"
#include "train_rnn/open_sessions.hpp"
#include "train_rnn/tuning.hpp"

namespace rnn_rates::train_rnn {

/// Trains single networks, one per fit or one for each of its folds, several at once on threads; publishes
/// models/<name>.h5.
class Stage final : public run::StageOf<config::TrainRnn, run::PartStage> {
 public:
  std::vector<artifact::Kind> touches() const override {
    return {artifact::bins, artifact::pca, artifact::model};
  }
  /// The networks that have no up-to-date model yet, with what each will cost. With tuning, the trials of a
  /// rung in each round before.
  run::Plan plan(const run::Context& context, const run::SessionFolder& session, std::size_t round) override;
  /// Trains the network called `name`, or for the trial called so, from its checkpoint where there is one.
  run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                         const std::string& name) override;
  std::string progress_unit() const override { return "training steps"; }

 private:
  std::mutex hdf5_mutex_;  ///< HDF5 serves one thread at a time
  OpenSessions sessions_{hdf5_mutex_};
  TrialResults trials_{hdf5_mutex_};
};

}  // namespace rnn_rates::train_rnn
