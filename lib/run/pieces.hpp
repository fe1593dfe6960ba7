#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "run/choose_sessions.hpp"
#include "run/estimate.hpp"
#include "run/outcome.hpp"
#include "run/stage.hpp"

namespace rnn_rates::run {

/// One piece of work: a session, or a part of it.
struct Piece {
  std::size_t session = 0;  ///< its place among those of this run
  Part part = {};           ///< without a name: all of it
};

/// What a rank finds to do in a session.
struct PlannedSession {
  SessionOutcome outcome = {};
  std::vector<Part> parts = {};
  bool goes_on = false;
};

/// What there is to do in all sessions, on rank 0.
struct Pieces {
  std::vector<Piece> to_do = {};
  std::optional<Estimate> estimate = {};  ///< of a dry run, in which nothing is left to do
  bool go_on = false;                     ///< another round follows
};

/// Each session as one piece, the largest being the costliest.
std::vector<Piece> whole_sessions(const Context& context, const std::vector<ChosenSession>& sessions);

/// The parts to do of all sessions in a round; each rank looks at every size-th session. What is up to date,
/// or fails, goes to `outcomes`.
Pieces plan_parts(PartStage& stage, const Context& context, const std::vector<ChosenSession>& sessions,
                  std::size_t round, Outcomes& outcomes);

/// The context of the session, with its own settings.
Context context_of(const Context& context, const ChosenSession& session);

/// Throws Error(stopped) once a stop was requested.
void end_if_stopped_before(const SessionFolder& session);

}  // namespace rnn_rates::run
