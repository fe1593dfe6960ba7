#pragma once

#include <string>
#include <vector>

#include "cli/stage.hpp"
#include "session/manifest.hpp"

namespace rnn_rates::cli {

inline constexpr int exit_some_failed = 8;

/// A session with the settings that hold for it.
struct ChosenSession {
  SessionFolder folder;
  config::Config config;
};

/// Runs the stage over the sessions, sharing the work over all ranks and this rank's threads, and reports on
/// rank 0. All ranks call it with the same sessions. Returns the exit code, the same on all ranks.
int run_sessions(const Stage& stage, Context& context, const std::vector<ChosenSession>& sessions);

}  // namespace rnn_rates::cli
