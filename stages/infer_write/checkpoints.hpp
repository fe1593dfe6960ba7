#pragma once

#include <map>
#include <string>

#include "inference/predict.hpp"
#include "run/outputs.hpp"

namespace rnn_rates::infer_write {

/// What the methods have predicted of the fits that this rank works on, in memory and in rates_<fit>.ckpt.h5.
class Checkpoints {
 public:
  Checkpoints(const run::Context& context, const run::SessionFolder& session,
              const artifact::Provenance& provenance)
      : context_(context), session_(session), provenance_(provenance) {}

  /// What an earlier run has left of a fit, which this rank begins. What is kept of others moves to their
  /// files, as far as there is room, so that memory does not grow with the fits.
  inference::Predictions begin(const std::string& fit);
  /// A stop is to save this.
  void keep(const std::string& fit, inference::Predictions predictions);
  /// Throws Error(output).
  void save();
  /// Once the rates are written.
  void remove(const std::string& fit) const;

 private:
  const run::Context& context_;
  const run::SessionFolder& session_;
  const artifact::Provenance& provenance_;
  std::map<std::string, inference::Predictions> kept_;
};

}  // namespace rnn_rates::infer_write
