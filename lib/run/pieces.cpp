#include "run/pieces.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/stop.hpp"
#include "run/pack.hpp"

namespace rnn_rates::run {
namespace {

/// Bytes of what a stage reads of a session: the only thing known that its time grows with.
double size_of(const SessionFolder& session) {
  std::error_code failure;
  for (const auto& path :
       {session.bins(), session.source / (session.source.filename().string() + ".h5"), session.source}) {
    const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
    if (!failure) return static_cast<double>(bytes);
  }
  return 0;
}

Estimate estimate_of(std::vector<Piece> pieces, const std::string& cost_basis) {
  std::map<std::size_t, std::vector<Part>> by_session;
  for (Piece& piece : pieces) by_session[piece.session].push_back(std::move(piece.part));
  std::vector<std::vector<Part>> parts;
  parts.reserve(by_session.size());
  for (auto& [session, of_session] : by_session) parts.push_back(std::move(of_session));
  Estimate all = estimate(parts);
  all.basis = cost_basis;
  return all;
}

}  // namespace

Context context_of(const Context& context, const ChosenSession& session) {
  Context own = context;
  own.settings = session.settings;
  return own;
}

void end_if_stopped_before(const SessionFolder& session) {
  if (!stop_requested()) return;
  throw Error(ErrorKind::stopped, "stopped by {} before session {}: run again to continue", stop_reason(),
              session.id);
}

std::vector<Piece> whole_sessions(const Context& context, const std::vector<ChosenSession>& sessions) {
  const bool hands_out = context.world.rank() == 0 && context.world.size() > 1;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < sessions.size(); ++i)
    pieces.push_back({i, {.cost_s = hands_out ? size_of(sessions[i].folder) : 0, .units = 1}});
  return pieces;
}

Pieces plan_parts(PartStage& stage, const Context& context, const std::vector<ChosenSession>& sessions,
                  std::size_t round, Outcomes& outcomes) {
  const auto rank = static_cast<std::size_t>(context.world.rank());
  std::vector<PlannedSession> mine;
  std::string cost_basis;
  for (std::size_t i = rank; i < sessions.size(); i += static_cast<std::size_t>(context.world.size())) {
    const SessionFolder& folder = sessions[i].folder;
    Plan plan;
    SessionOutcome outcome = outcome_of(i, folder.id, [&] {
      end_if_stopped_before(folder);
      plan = stage.plan(context_of(context, sessions[i]), folder, round);
      return std::move(plan.report);
    });
    if (!plan.cost_basis.empty()) cost_basis = plan.cost_basis;
    mine.push_back({std::move(outcome), std::move(plan.parts), plan.goes_on});
  }
  Pieces pieces;
  for (const std::string& bytes : context.world.gather(pack(mine))) {
    for (PlannedSession& planned : unpack<std::vector<PlannedSession>>(bytes)) {
      pieces.go_on = pieces.go_on || planned.goes_on;
      for (Part& part : planned.parts) pieces.to_do.push_back({planned.outcome.session, std::move(part)});
      outcomes.add(std::move(planned.outcome), 0);
    }
  }
  std::stable_sort(pieces.to_do.begin(), pieces.to_do.end(),
                   [](const Piece& a, const Piece& b) { return a.session < b.session; });
  if (context.options.dry_run) pieces.estimate = estimate_of(std::exchange(pieces.to_do, {}), cost_basis);
  return pieces;
}

}  // namespace rnn_rates::run
