#pragma once

#include <vector>

#include "run/choose_sessions.hpp"
#include "run/stage.hpp"

namespace rnn_rates::run {

/// Runs the stage over the sessions, sharing the work over all ranks (and, for parts, this rank's threads),
/// and reports on rank 0. All ranks call it with the same sessions. Returns the exit code, the same on all
/// ranks.
int run_sessions(SessionStage& stage, Context& context, const std::vector<ChosenSession>& sessions);
int run_sessions(PartStage& stage, Context& context, const std::vector<ChosenSession>& sessions);

}  // namespace rnn_rates::run
