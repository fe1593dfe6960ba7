#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/outputs.hpp"

namespace rnn_rates::cli {

/// One of the five programs.
struct Stage {
  std::string name;
  std::string summary;
  std::vector<std::string> examples;  ///< two command lines
  /// Adds the stage's own flags; those that are settings append "key=value" to `overrides`.
  std::function<void(CLI::App& app, std::vector<std::string>& overrides)> add_options;
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

/// Adds `--name` and `--no-name` for the boolean setting `key`.
void add_boolean_setting(CLI::App& app, const std::string& name, const std::string& key,
                         const std::string& help, std::vector<std::string>& overrides);
/// Adds `--name VALUE` for the text setting `key`.
void add_text_setting(CLI::App& app, const std::string& name, const std::string& key, const std::string& help,
                      std::vector<std::string>& overrides);

/// Parses, runs the stage over its sessions, reports. The only place that catches; returns the exit code.
int run_stage(int argc, char** argv, const Stage& stage);

}  // namespace rnn_rates::cli
