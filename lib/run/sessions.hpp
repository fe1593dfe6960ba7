#pragma once

#include <string>
#include <vector>

#include "run/choose_sessions.hpp"
#include "run/stage.hpp"

namespace rnn_rates::run {

inline constexpr int exit_some_failed = 8;

/// Runs the stage over the sessions, sharing the work over all ranks and this rank's threads, and reports on
/// rank 0. All ranks call it with the same sessions. Returns the exit code, the same on all ranks.
int run_sessions(const Stage& stage, Context& context, const std::vector<ChosenSession>& sessions);

}  // namespace rnn_rates::run
