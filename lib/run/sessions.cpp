#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/stop.hpp"
#include "mpi/share.hpp"
#include "run/choose_sessions.hpp"
#include "run/outcome.hpp"
#include "run/pack.hpp"
#include "run/pieces.hpp"
#include "run/progress.hpp"
#include "run/report.hpp"
#include "run/stage.hpp"

namespace rnn_rates::run {
namespace {

/// A run of one stage on this rank; on rank 0 also what came of the sessions of all ranks.
struct Run {
  Stage& stage;
  Context& context;
  const std::vector<ChosenSession>& sessions;
  Outcomes outcomes{context.options.keep_going};
  std::size_t ended = 0;  ///< pieces of work
};

/// What a rank does with a piece of a session.
using Work =
    std::function<SessionReport(const Context& context, const SessionFolder& session, const Part& part)>;

SessionOutcome outcome_of_piece(const Run& run, const Piece& piece, const Work& work) {
  const ChosenSession& session = run.sessions[piece.session];
  const auto start = std::chrono::steady_clock::now();
  SessionOutcome outcome = outcome_of(piece.session, session.folder.id, [&] {
    end_if_stopped_before(session.folder);
    return work(context_of(run.context, session), session.folder, piece.part);
  });
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

/// Shares out `pieces` over all ranks as `sharing` says, to which it adds how results come together on rank
/// 0.
std::vector<mpi::RankTiming> share(Run& run, const std::vector<Piece>& pieces, mpi::Sharing sharing,
                                   Progress& progress) {
  sharing.on_result = [&, counts_pieces = !sharing.take_progress](std::size_t, int rank,
                                                                  const std::string& result) {
    if (counts_pieces) progress.add(1);
    run.outcomes.add(unpack<SessionOutcome>(result), rank);
    ++run.ended;
  };
  std::vector<mpi::Task> tasks;
  tasks.reserve(pieces.size());
  for (const Piece& piece : pieces) tasks.push_back({pack(piece), piece.part.cost_s});
  try {
    return mpi::share_tasks(run.context.world, tasks, sharing);
  } catch (const std::exception& error) {
    if (run.context.world.size() > 1) {
      // The others may wait for this one.
      spdlog::error("rank {}: {}", run.context.world.rank(), error.what());
      run.context.world.abort(static_cast<int>(ErrorKind::runtime));
    }
    throw;
  }
}

/// A group of ranks per session.
void work_together(SessionStage& stage, Run& run) {
  std::optional<SessionOutcome> outcome;
  if (!run.sessions.empty()) {
    const std::size_t number = static_cast<std::size_t>(run.context.world.rank()) % run.sessions.size();
    const ChosenSession& session = run.sessions[number];
    const mpi::Group group = run.context.world.split(static_cast<int>(number));
    outcome = outcome_of(number, session.folder.id, [&] {
      const Context context = context_of(run.context, session);
      std::unique_ptr<FolderLock> held;
      group.on_all([&] {
        end_if_stopped_before(session.folder);
        held = lock(context, session.folder);
      });
      return stage.run(context, session.folder, group);
    });
    if (group.rank() > 0) outcome.reset();
  }
  for (const std::string& bytes : run.context.world.gather(pack(outcome))) {
    if (auto one = unpack<std::optional<SessionOutcome>>(bytes)) run.outcomes.add(std::move(*one), 0);
  }
}

/// What comes after all sessions; returns the exit code, which was `code` before.
int finish(const Run& run, int code) {
  const bool went_through = code == 0 || code == static_cast<int>(ErrorKind::some_failed);
  if (!went_through || run.context.options.verify || run.context.options.dry_run) return code;
  try {
    run.stage.after_sessions(run.context);
    return code;
  } catch (const std::exception& thrown) {
    const Error error = failure_of(thrown, run.stage.name());
    spdlog::error("{}", error.what());
    return static_cast<int>(error.kind());
  }
}

/// Reports on rank 0; the exit code, on all ranks.
int end(const Run& run, std::size_t pieces, const std::vector<mpi::RankTiming>& ranks,
        const std::optional<Estimate>& estimate) {
  int code = 0;
  if (run.context.world.rank() == 0) {
    code = finish(run, run.outcomes.exit_code(run.ended, pieces));
    const Summary summary{run.stage.name(), run.sessions, run.outcomes.sessions(), ranks, estimate};
    code = say_at_the_end(summary, run.context.options, code);
  }
  return run.context.world.max(code);
}

/// The parts of one round.
std::vector<mpi::RankTiming> share_round(PartStage& stage, Run& run, const Pieces& pieces) {
  Context& context = run.context;
  const CommonOptions& options = context.options;
  std::uint64_t units = 0;
  for (const Piece& piece : pieces.to_do) units += piece.part.units;
  Progress progress(stage.progress_unit(), units,
                    context.world.rank() == 0 && !options.quiet && !pieces.to_do.empty());
  context.progress = &progress;
  const Work work = [&](const Context& own, const SessionFolder& folder, const Part& part) {
    return options.verify ? verify(stage, own, folder) : stage.run(own, folder, part.name);
  };
  mpi::Sharing sharing{.threads = options.verify ? 1 : context.threads(),
                       .work =
                           [&](const std::string& bytes) {
                             const auto piece = unpack<Piece>(bytes);
                             SessionOutcome outcome = outcome_of_piece(run, piece, work);
                             outcome.parts = {{piece.part.name, *outcome.seconds}};
                             return pack(outcome);
                           },
                       .take_progress = [&] { return progress.take(); },
                       .on_progress = [&](std::uint64_t more) { progress.add(more); }};
  return share(run, pieces.to_do, std::move(sharing), progress);
}

/// Adds what the ranks did in a round to what they did before.
void add(const std::vector<mpi::RankTiming>& round, std::vector<mpi::RankTiming>& all) {
  all.resize(round.size());
  for (std::size_t rank = 0; rank < round.size(); ++rank) {
    all[rank].tasks += round[rank].tasks;
    all[rank].threads = round[rank].threads;
    all[rank].wall_s += round[rank].wall_s;
    all[rank].busy_s += round[rank].busy_s;
    all[rank].peak_memory = std::max(all[rank].peak_memory, round[rank].peak_memory);
  }
}

}  // namespace

int SessionStage::run_sessions(Context& context, const std::vector<ChosenSession>& sessions) {
  Run now{*this, context, sessions};
  const CommonOptions& options = context.options;
  const auto ranks = static_cast<std::size_t>(context.world.size());
  if (shares_sessions() && sessions.size() < ranks && !options.verify) {
    work_together(*this, now);
    return end(now, 0, {}, {});
  }
  const std::vector<Piece> pieces = whole_sessions(context, sessions);
  Progress progress("sessions", pieces.size(),
                    context.world.rank() == 0 && !options.quiet && !pieces.empty() && ranks > 1);
  const Work work = [&](const Context& own, const SessionFolder& folder, const Part&) {
    if (options.verify) return verify(*this, own, folder);
    const auto held = lock(own, folder);
    return this->run(own, folder, {});
  };
  // On one thread, as HDF5 is not made for several.
  mpi::Sharing sharing{.work = [&](const std::string& piece) {
    return pack(outcome_of_piece(now, unpack<Piece>(piece), work));
  }};
  return end(now, pieces.size(), share(now, pieces, std::move(sharing), progress), {});
}

int PartStage::run_sessions(Context& context, const std::vector<ChosenSession>& sessions) {
  Run now{*this, context, sessions};
  std::size_t begun = 0;
  std::vector<mpi::RankTiming> ranks;
  for (std::size_t round = 0;; ++round) {
    const Pieces pieces = context.options.verify ? Pieces{whole_sessions(context, sessions)}
                                                 : plan_parts(*this, context, sessions, round, now.outcomes);
    begun += pieces.to_do.size();
    add(share_round(*this, now, pieces), ranks);
    const bool stopped = pieces.go_on && stop_requested();
    // What would have followed counts as one piece that was not done.
    if (stopped) ++begun;
    if (context.world.max(pieces.go_on && !stopped ? 1 : 0) == 0)
      return end(now, begun, ranks, pieces.estimate);
  }
}

}  // namespace rnn_rates::run
