#pragma once

#include <string>
#include <vector>

#include "inference/fit_result.hpp"
#include "inference/predict.hpp"
#include "run/outputs.hpp"

namespace rnn_rates::infer_write {

/// What there is of a session's fits until rates.h5 is published, all of it on disk, so that memory does not
/// grow with the fits: of a finished one rates.h5.<fit>.part, of one that was stopped rates_<fit>.ckpt.h5.
/// Both serve later runs with the same settings and inputs, on any rank.
class Parts {
 public:
  /// With `baselines`, a fit without them is not finished.
  Parts(const run::Context& context, const run::SessionFolder& session, artifact::Provenance provenance,
        bool baselines = false)
      : context_(context), session_(session), provenance_(std::move(provenance)), baselines_(baselines) {}

  /// True where an earlier run has finished the fit.
  bool is_finished(const std::string& fit) const;
  /// What an earlier run that was stopped has left of it.
  inference::Predictions begun(const std::string& fit) const;
  /// Throws Error(output), as the next one does.
  void keep(const std::string& fit, const inference::Predictions& predictions) const;
  void finish(const inference::FitResult& result) const;
  /// Of a fit that is finished, its content checked. Throws Error(input).
  artifact::Opened open(const std::string& fit) const;

 private:
  artifact::Provenance provenance_of(const std::string& fit) const;

  const run::Context& context_;
  const run::SessionFolder& session_;
  artifact::Provenance provenance_;
  bool baselines_;
};

/// Removes the parts and checkpoints of all fits, those that there are no longer included.
void remove_parts(const run::SessionFolder& session);

}  // namespace rnn_rates::infer_write
