#pragma once

#include <functional>
#include <string>
#include <vector>

#include "run/context.hpp"
#include "run/outputs.hpp"

namespace rnn_rates::run {

/// What one of the five programs does with sessions.
struct Stage {
  std::string name;
  /// Works on a whole session, whose folder is locked. Ranks share out the sessions. Stages with parts have
  /// `plan` and `run_part` instead.
  std::function<SessionReport(const Context& context, const SessionFolder& session)> run = {};
  /// Works on a whole session from all ranks of `group` at once, where there are fewer sessions than ranks;
  /// without it the ranks that are too many do nothing. Rank 0 of the group has the lock and reports.
  std::function<SessionReport(const Context& context, const SessionFolder& session, const mpi::Group& group)>
      run_together = {};
  /// The kinds that the stage reads or writes, which --verify checks.
  std::vector<artifact::Kind> touches = {};
  /// What else --verify checks; may be empty. Throws Error(input).
  std::function<void(const Context& context, const SessionFolder& session)> verify_more = {};
  /// Called on rank 0 with all sessions that the command line names, before any is worked on; may be empty.
  /// Throws Error(usage) where the stage cannot work on them in one run.
  std::function<void(const Context& context)> check_sessions = {};
  /// Called on rank 0 once all ranks have gone through their sessions, unless a failure or a stop ended the
  /// run; may be empty.
  std::function<void(const Context& context)> after_sessions = {};
  /// Called on every rank before any session is looked for; true if the command line asked for this instead
  /// of sessions.
  std::function<bool(const Context& context)> run_without_session = {};
  /// Looks at headers only, changes nothing and locks nothing.
  std::function<Plan(const Context& context, const SessionFolder& session)> plan = {};
  /// Works on a part, on several threads at once; locks the session's folder itself. Ranks share out the
  /// parts of all sessions.
  std::function<SessionReport(const Context& context, const SessionFolder& session, const std::string& part)>
      run_part = {};
  std::string progress_unit = "sessions";  ///< what Part::units count
};

}  // namespace rnn_rates::run
