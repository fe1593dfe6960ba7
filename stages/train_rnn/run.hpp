#pragma once

#include "cli/stage.hpp"

namespace rnn_rates::train_rnn {

/// Trains this rank's share of the session's fits, several at once on threads; publishes models/<fit>.h5.
cli::SessionReport run(cli::Context& context, const cli::SessionFolder& session);

}  // namespace rnn_rates::train_rnn
