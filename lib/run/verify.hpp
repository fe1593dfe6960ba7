#pragma once

#include "run/stage.hpp"

namespace rnn_rates::run {

/// Checks the digests of all that the stage reads and has written of a session, for --verify. Throws
/// Error(input) naming the file that is not as it was written, and the stage that makes it.
SessionReport verify(Stage& stage, const Context& context, const SessionFolder& session);

}  // namespace rnn_rates::run
