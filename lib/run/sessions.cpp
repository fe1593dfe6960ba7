#include "run/sessions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "core/failure.hpp"
#include "core/stop.hpp"
#include "mpi/share.hpp"
#include "run/estimate.hpp"
#include "run/pack.hpp"
#include "run/progress.hpp"
#include "run/report.hpp"
#include "run/verify.hpp"

namespace rnn_rates::run {
namespace {

using nlohmann::json;

/// One piece of work: a session, or a part of it.
struct Piece {
  std::size_t session;
  Part part;

  std::string text() const { return fmt::format("{} {}", session, part.name); }
};

Piece piece_of(const std::string& text) {
  Piece piece{};
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, piece.session);
  piece.part.name.assign(number.ptr + 1, end);
  return piece;
}

/// The sessions of a run on this rank; on rank 0 also what came of those of all ranks.
class Run {
 public:
  Run(const Stage& stage, Context& context, const std::vector<ChosenSession>& sessions)
      : stage_(stage), context_(context), sessions_(sessions) {}

  int operator()() {
    if (stage_.run_together && sessions_.size() < ranks() && !context_.options.verify) return together();
    const std::vector<Piece> pieces = stage_.plan && !context_.options.verify ? plan() : whole_sessions();
    const std::vector<mpi::RankTiming> ranks = share(pieces);
    return context_.world.max(
        context_.world.rank() == 0 ? say_at_the_end(ranks, finish(exit_code(pieces.size()))) : 0);
  }

 private:
  std::size_t ranks() const { return static_cast<std::size_t>(context_.world.size()); }

  /// A group of ranks a session.
  int together() {
    json entry;
    std::size_t session = 0;
    if (!sessions_.empty()) {
      session = static_cast<std::size_t>(context_.world.rank()) % sessions_.size();
      const mpi::Group group = context_.world.split(static_cast<int>(session));
      const SessionFolder& folder = sessions_[session].folder;
      entry = entry_of(session, [&] {
        const Context context = context_of(session);
        std::unique_ptr<FolderLock> held;
        group.on_all([&] {
          end_if_stopped_before(folder);
          if (group.rank() == 0) held = lock(context, folder);
        });
        return stage_.run_together(context, folder, group);
      });
      if (group.rank() > 0) entry = nullptr;
    }
    for (const std::string& text : context_.world.gather(pack({session, entry}))) {
      json one = unpack(text);
      if (!one[1].is_null()) note(one[0], 0, std::move(one[1]));
    }
    return context_.world.max(context_.world.rank() == 0 ? say_at_the_end({}, exit_code(0)) : 0);
  }

  Context context_of(std::size_t session) const {
    Context context = context_;
    context.config = sessions_[session].config;
    return context;
  }

  /// What `work` reports of a session, or what it threw.
  template <class Work>
  json entry_of(std::size_t session, Work&& work) const {
    const std::string& id = sessions_[session].folder.id;
    json entry = to_json(id, SessionReport());
    try {
      entry = to_json(id, work());
    } catch (const std::exception& thrown) {
      const Error error = failure_of(thrown, id);
      entry["error"] = error.what();
      entry["exit_code"] = static_cast<int>(error.kind());
    }
    return entry;
  }

  static void end_if_stopped_before(const SessionFolder& session) {
    if (!stop_requested()) return;
    throw Error(ErrorKind::stopped, "stopped by {} before session {}: run again to go on", stop_reason(),
                session.id);
  }

  std::vector<Piece> whole_sessions() const {
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < sessions_.size(); ++i) pieces.push_back({i, {"", 0, 0, 1}});
    if (context_.world.rank() == 0 && context_.world.size() > 1) {
      for (Piece& piece : pieces) piece.part.cost_s = size_of(sessions_[piece.session].folder);
    }
    return pieces;
  }

  /// Bytes of what a stage reads of a session: the only thing known that its time grows with.
  static double size_of(const SessionFolder& session) {
    std::error_code failure;
    for (const auto& path :
         {session.bins(), session.source / (session.source.filename().string() + ".h5"), session.source}) {
      const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
      if (!failure) return static_cast<double>(bytes);
    }
    return 0;
  }

  /// The parts to do of all sessions, on rank 0; each rank looks at every size-th session.
  std::vector<Piece> plan() {
    json mine = json::array();
    std::string cost_basis;
    const auto rank = static_cast<std::size_t>(context_.world.rank());
    for (std::size_t i = rank; i < sessions_.size(); i += ranks()) {
      Plan found;
      json entry = entry_of(i, [&] {
        end_if_stopped_before(sessions_[i].folder);
        found = stage_.plan(context_of(i), sessions_[i].folder);
        return found.report;
      });
      if (!found.cost_basis.empty()) cost_basis = found.cost_basis;
      json parts = json::array();
      for (const Part& part : found.parts)
        parts.push_back({part.name, part.cost_s, part.memory_bytes, part.units});
      mine.push_back({i, std::move(entry), std::move(parts)});
    }
    std::vector<Piece> pieces;
    for (const std::string& text : context_.world.gather(pack(mine))) {
      for (json& planned : unpack(text)) {
        const std::size_t session = planned[0];
        for (const json& part : planned[2]) pieces.push_back({session, {part[0], part[1], part[2], part[3]}});
        note(session, 0, std::move(planned[1]));
      }
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.session < b.session; });
    if (!context_.options.dry_run) return pieces;
    std::map<std::size_t, std::vector<Part>> by_session;
    for (Piece& piece : pieces) by_session[piece.session].push_back(std::move(piece.part));
    std::vector<std::vector<Part>> parts;
    parts.reserve(by_session.size());
    for (auto& [session, of_session] : by_session) parts.push_back(std::move(of_session));
    estimate_ = estimate(parts);
    estimate_->basis = cost_basis;
    return {};
  }

  std::vector<mpi::RankTiming> share(const std::vector<Piece>& pieces) {
    std::uint64_t units = 0;
    std::vector<mpi::Task> tasks;
    for (const Piece& piece : pieces) {
      units += piece.part.units;
      tasks.push_back({piece.text(), piece.part.cost_s});
    }
    const bool parts = stage_.run_part != nullptr;
    Progress progress(stage_.progress_unit, units,
                      context_.world.rank() == 0 && !context_.options.quiet && !pieces.empty() &&
                          (parts || context_.world.size() > 1));
    context_.progress = &progress;
    mpi::Sharing sharing{
        // Only parts are made for several threads, as HDF5 is not.
        .threads = parts && !context_.options.verify ? context_.threads() : 1,
        .work = [&](const std::string& what) { return pack(work(piece_of(what))); },
        .on_result =
            [&](std::size_t task, int rank, const std::string& result) {
              if (!parts) progress.add(1);
              note(pieces[task].session, rank, unpack(result));
              ++ended_;
            },
        .stop_requested = [] { return stop_requested(); },
        .request_stop =
            [] {
              if (!stop_requested()) request_stop("another rank");
            },
    };
    if (parts) {
      sharing.take_progress = [&] { return progress.take(); };
      sharing.on_progress = [&](std::uint64_t more) { progress.add(more); };
    }
    try {
      return mpi::share_tasks(context_.world, tasks, sharing);
    } catch (const std::exception& error) {
      // The other ranks may wait for this one.
      spdlog::error("rank {}: {}", context_.world.rank(), error.what());
      context_.world.abort(static_cast<int>(ErrorKind::runtime));
      throw;
    }
  }

  json work(const Piece& piece) const {
    const SessionFolder& folder = sessions_[piece.session].folder;
    const auto start = std::chrono::steady_clock::now();
    json entry = entry_of(piece.session, [&] {
      end_if_stopped_before(folder);
      const Context context = context_of(piece.session);
      if (context_.options.verify) return verify(stage_, context, folder);
      if (stage_.run_part) return stage_.run_part(context, folder, piece.part.name);
      const auto held = lock(context, folder);
      return stage_.run(context, folder);
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    entry["seconds"] = took.count();
    if (stage_.run_part) entry["parts"] = {{{"name", piece.part.name}, {"seconds", took.count()}}};
    return entry;
  }

  /// On rank 0: what became of a piece of a session on `rank`.
  void note(std::size_t session, int rank, json entry) {
    const int code = entry.value("exit_code", 0);
    if (code == static_cast<int>(ErrorKind::stopped)) {
      // Only the first says why; the others follow from it, or from a failure.
      if (!ended_by_failure() && !stopped_) spdlog::warn("{}", entry["error"].get<std::string>());
      stopped_ = true;
      if (!stop_requested()) request_stop("another rank");
    } else if (code != 0) {
      // Several parts of a session may fail for the same reason.
      if (const auto text = entry["error"].get<std::string>(); said_.insert(text).second)
        spdlog::error("{}", text);
      if (first_failure_ == 0) first_failure_ = code;
      if (!context_.options.keep_going && !stop_requested()) request_stop("a failure");
    } else if (rank > 0) {
      for (const json& output : entry["outputs"]) {
        spdlog::info("{} {} by rank {}", output["path"].get<std::string>(),
                     output["status"].get<std::string>(), rank);
      }
    }
    const bool follows = code == static_cast<int>(ErrorKind::stopped) && ended_by_failure();
    if (!follows) report_.add(session, std::move(entry));
  }

  bool ended_by_failure() const { return first_failure_ != 0 && !context_.options.keep_going; }

  int exit_code(std::size_t pieces) const {
    if (ended_by_failure()) return first_failure_;
    if (stopped_ || ended_ < pieces) {
      if (!stopped_) {
        spdlog::warn("stopped by {}, {} of {} done: run again to go on", stop_reason(), ended_, pieces);
      }
      return static_cast<int>(ErrorKind::stopped);
    }
    return first_failure_ != 0 ? exit_some_failed : 0;
  }

  /// On rank 0: what comes after all sessions; returns the exit code, which was `code` before.
  int finish(int code) const {
    const bool went_through = code == 0 || code == exit_some_failed;
    if (!stage_.after_sessions || !went_through || context_.options.verify || context_.options.dry_run)
      return code;
    try {
      stage_.after_sessions(context_);
      return code;
    } catch (const std::exception& thrown) {
      const Error error = failure_of(thrown, stage_.name);
      spdlog::error("{}", error.what());
      return static_cast<int>(error.kind());
    }
  }

  /// On rank 0; returns the exit code, which was `code` before.
  int say_at_the_end(const std::vector<mpi::RankTiming>& ranks, int code) const {
    if (ranks.size() > 1) {
      for (const std::string& line : timing_table(ranks, context_.options.verbose)) spdlog::info("{}", line);
    }
    try {
      print(stdout_text(ranks));
      return code;
    } catch (const Error& error) {
      spdlog::error("{}", error.what());
      return code != 0 ? code : static_cast<int>(error.kind());
    }
  }

  std::string stdout_text(const std::vector<mpi::RankTiming>& ranks) const {
    if (!context_.options.json) {
      return estimate_ ? fmt::format("{}\n", fmt::join(to_text(*estimate_), "\n")) : "";
    }
    json all = {{"stage", stage_.name}, {"sessions", report_.sessions()}};
    if (ranks.size() > 1) all["ranks"] = to_json(ranks);
    if (estimate_) all["estimate"] = to_json(*estimate_);
    return dump(all, 2) + "\n";
  }

  const Stage& stage_;
  Context& context_;
  const std::vector<ChosenSession>& sessions_;
  Report report_;
  std::optional<Estimate> estimate_;  ///< of a dry run
  std::set<std::string> said_;
  std::size_t ended_ = 0;
  int first_failure_ = 0;
  bool stopped_ = false;
};

}  // namespace

int run_sessions(const Stage& stage, Context& context, const std::vector<ChosenSession>& sessions) {
  return Run(stage, context, sessions)();
}

}  // namespace rnn_rates::run
