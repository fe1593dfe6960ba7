#pragma once

#include <memory>
#include <mutex>

#include "run/stage.hpp"
#include "train_rnn/open_sessions.hpp"

namespace rnn_rates::train_rnn {

/// The networks of a session (one a fit, or one for each of its folds) that have no up-to-date model yet,
/// with what each will cost.
run::Plan plan(const run::Context& context, const run::SessionFolder& session);

/// Trains single networks, several at once on threads; publishes models/<name>.h5.
class FitTrainer {
 public:
  /// Trains the network of that name, from its checkpoint where there is one.
  run::SessionReport train(const run::Context& context, const run::SessionFolder& session,
                           const std::string& name);

 private:
  std::mutex hdf5_mutex_;  ///< HDF5 serves one thread at a time
  OpenSessions sessions_{hdf5_mutex_};
};

}  // namespace rnn_rates::train_rnn
