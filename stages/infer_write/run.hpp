#pragma once

#include <string>
#include <vector>

#include "run/stage.hpp"

namespace rnn_rates::infer_write {

struct Options {
  bool publish = false;  ///< put /rnn_output into the session's own file
  bool nwb = false;      ///< write rates.nwb too
  std::string input;     ///< which .h5 of the session folder
};

/// Infers sessions' rates from their models into rates.h5; with --publish also into the session's own file.
/// Ranks that work on one session share out its fits and write the file together.
class Stage final : public run::StageOf<config::InferWrite, run::SessionStage> {
 public:
  explicit Stage(const Options& options) : options_(options) {}
  std::vector<artifact::Kind> touches() const override {
    return {artifact::bins, artifact::pca, artifact::model, artifact::rates};
  }
  run::SessionReport run(const run::Context& context, const run::SessionFolder& session,
                         const mpi::Group& group) override;
  bool shares_sessions() const override { return true; }
  /// Throws Error(input) where the rates in the session's own file, or in rates.nwb, are not those that were
  /// written.
  void verify_more(const run::Context& context, const run::SessionFolder& session) override;
  /// With --publish, throws Error(usage) where two of the sessions are of one recording, whatever paths and
  /// links lead to it.
  void check_sessions(const run::Context& context) override;

 private:
  const Options& options_;
};

}  // namespace rnn_rates::infer_write
