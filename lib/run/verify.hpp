#pragma once

#include "run/stage.hpp"

namespace rnn_rates::run {

/// Checks, for --verify, the digests of all that the stage reads and has written of a session, and that each
/// file was made from the others and for what its name says. Throws Error(input) naming the file where
/// that does not hold, and the stage that makes it.
SessionReport verify(Stage& stage, const Context& context, const SessionFolder& session);

}  // namespace rnn_rates::run
