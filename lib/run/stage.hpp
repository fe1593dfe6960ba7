#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "artifact/artifact.hpp"
#include "run/context.hpp"
#include "run/outcome.hpp"
#include "run/outputs.hpp"

namespace rnn_rates::run {

struct ChosenSession;

/// What one of the five programs does with sessions: a StageOf<its settings, SessionStage or PartStage>.
class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  virtual std::string name() const = 0;
  /// The kinds that the stage reads or writes, which --verify checks.
  virtual std::vector<artifact::Kind> touches() const = 0;
  /// What else --verify checks. Throws Error(input).
  virtual void verify_more(const Context&, const SessionFolder&) {}
  /// Called on every rank before any session is looked for; true if the command line asked for this instead
  /// of sessions.
  virtual bool run_without_session(const Context&) { return false; }
  /// Called on rank 0 with all sessions that the command line names, before any is worked on. Throws
  /// Error(usage) where the stage cannot work on them in one run.
  virtual void check_sessions(const Context&) {}
  /// Called on rank 0 after all ranks finish, unless a failure or a stop ended the run.
  virtual void after_sessions(const Context&) {}

  /// Works on the sessions, shared out over all ranks, and reports on rank 0. All ranks call it with the same
  /// sessions. Returns the exit code, the same on all ranks.
  virtual int run_sessions(Context& context, const std::vector<ChosenSession>& sessions) = 0;
};

/// Checks, for --verify, the digests of all that the stage reads and has written of a session, and that each
/// file was made from the others and for what its name says. Throws Error(input) naming the file where
/// that does not hold, and the stage that makes it.
SessionReport verify(Stage& stage, const Context& context, const SessionFolder& session);

/// Works on whole sessions, which the ranks share out.
class SessionStage : public Stage {
 public:
  /// Works on a session whose folder is locked. Where `group` has several ranks, all of them call it at once,
  /// each with a lock of its own, and rank 0 of the group reports.
  virtual SessionReport run(const Context& context, const SessionFolder& session,
                            const mpi::Group& group) = 0;
  /// Whether several ranks can work on one session, where there are fewer sessions than ranks; otherwise
  /// surplus ranks stay idle.
  virtual bool shares_sessions() const { return false; }
  int run_sessions(Context& context, const std::vector<ChosenSession>& sessions) final;
};

/// A part of a session that any rank can work on by itself.
struct Part {
  std::string name = {};
  double cost_s = 0;        ///< expected time on one core
  double memory_bytes = 0;  ///< expected
  std::uint64_t units = 0;  ///< of progress, at most
};

/// What there is to do in a session.
struct Plan {
  SessionReport report = {};     ///< what is up to date; in a dry run also what is to do
  std::vector<Part> parts = {};  ///< what is to do
  std::string cost_basis = {};   ///< in a dry run: what Part::cost_s rests on, for people
  bool goes_on = false;          ///< other parts follow once these are done
};

/// Works on parts of sessions, on several threads at once. The ranks share out the parts of all sessions, in
/// rounds where what there is to do depends on what came of other parts.
class PartStage : public Stage {
 public:
  /// Called for the rounds 0, 1, ... as long as a plan of any session goes on; rounds before are done then.
  /// Changes nothing and locks nothing.
  virtual Plan plan(const Context& context, const SessionFolder& session, std::size_t round) = 0;
  /// Called from several threads; locks the session's folder itself.
  virtual SessionReport run(const Context& context, const SessionFolder& session,
                            const std::string& part) = 0;
  /// What Part::units count.
  virtual std::string progress_unit() const = 0;
  int run_sessions(Context& context, const std::vector<ChosenSession>& sessions) final;
};

/// A stage of that kind whose results depend on the settings in the struct `Own`, such as config::TrainRnn:
/// it sees no others, and they are what its digests cover.
template <class Own, class Kind>
class StageOf : public Kind {
 public:
  std::string name() const final { return std::string(Own::stage); }

 protected:
  static const Own& settings_of(const Context& context) {
    return std::get<const Own&>(context.settings.all_.parts());
  }
};

}  // namespace rnn_rates::run
