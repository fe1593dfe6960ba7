#include "cli/stage.hpp"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "artifact/pca_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "core/log.hpp"
#include "core/stop.hpp"
#include "core/version.hpp"
#include "mpi/scope.hpp"

namespace rnn_rates::cli {
namespace {

constexpr int exit_some_failed = 8;

std::string footer(const Stage& stage) {
  return fmt::format(
      "Examples:\n  {}\n\n"
      "Exit codes: 0 done or up to date, 1 bug, 2 usage, 3 settings, 4 input, 5 output, 6 numerical "
      "trouble,\n"
      "  7 MPI or HDF5, 8 some sessions failed (--keep-going), 75 stopped early, all saved: run again",
      fmt::join(stage.examples, "\n  "));
}

std::string command_line(int argc, char** argv) {
  return fmt::format("{}", fmt::join(std::vector<std::string>(argv, argv + argc), " "));
}

SessionFolder folder_of(const session::SessionSpec& spec, const CommonOptions& options) {
  if (!options.out.empty()) return {spec.id, spec.path, options.out / spec.id};
  if (std::filesystem::is_directory(spec.path)) return {spec.id, spec.path, spec.path / "rnn_output"};
  return {spec.id, spec.path, spec.path.parent_path() / "rnn_output" / spec.id};
}

nlohmann::json to_json(const std::string& id, SessionReport report) {
  // Fits end in any order.
  std::sort(report.outputs.begin(), report.outputs.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  nlohmann::json outputs = nlohmann::json::array();
  for (const OutputReport& output : report.outputs) {
    outputs.push_back({{"path", output.path.string()},
                       {"status", output.status},
                       {"content_digest", output.content_digest}});
  }
  nlohmann::json entry = {{"session", id}, {"outputs", outputs}};
  if (!report.metrics.is_null()) entry["metrics"] = report.metrics;
  return entry;
}

/// Slurm kills the job at SLURM_JOB_END_TIME (seconds since 1970); this much earlier the work is saved.
constexpr std::chrono::seconds before_slurm_ends{60};

void arrange_stops(const CommonOptions& options) {
  install_stop_signals();
  const auto now = std::chrono::system_clock::now();
  if (!options.wall_limit.empty()) set_stop_deadline(now + parse_wall_limit(options.wall_limit));
  const char* const end_time = std::getenv("SLURM_JOB_END_TIME");
  const long long seconds = end_time != nullptr ? std::atoll(end_time) : 0;
  if (seconds > 0) {
    set_stop_deadline(std::chrono::system_clock::time_point(std::chrono::seconds(seconds)) -
                      before_slurm_ends);
  }
}

std::vector<std::filesystem::path> files_of_kind(const SessionFolder& session, const artifact::Kind& kind) {
  if (kind.name == artifact::bins.name) return {session.bins()};
  if (kind.name == artifact::pca.name) return {session.pca()};
  if (kind.name == artifact::rates.name) return {session.rates()};
  std::vector<std::filesystem::path> models;
  const artifact::Opened pca = artifact::open(session.pca(), artifact::pca);
  for (const std::string& fit : artifact::fit_names(pca.file)) models.push_back(session.model(fit));
  return models;
}

SessionReport verify(const Stage& stage, const SessionFolder& session) {
  SessionReport report;
  for (const artifact::Kind& kind : stage.touches) {
    for (const auto& path : files_of_kind(session, kind)) {
      artifact::verify(path, kind);
      spdlog::info("{} is whole", path.string());
      report.outputs.push_back({path, "whole", artifact::open(path, kind).header.content_digest});
    }
  }
  if (stage.verify_more) stage.verify_more(session);
  return report;
}

/// Keeps other runs out of the session's folder; nothing to lock in a dry run or where the stage will find no
/// input.
std::unique_ptr<FolderLock> lock(const SessionFolder& session, const Context& context,
                                 const mpi::Scope& scope) {
  const bool source_or_results =
      std::filesystem::exists(session.source) || std::filesystem::exists(session.out);
  if (context.options.dry_run || !source_or_results) return nullptr;
  auto lock = std::make_unique<FolderLock>(session.out, scope.job(), context.options.wait);
  for (const auto& folder : {session.out, session.models(), session.plots(), session.plots() / "units"}) {
    remove_leftovers(folder);
  }
  return lock;
}

/// Runs this rank's part of the sessions and adds what to report to `entries`. Throws the first failure
/// unless
/// --keep-going.
void run_sessions(const Stage& stage, Context& context, const mpi::Scope& scope, nlohmann::json& entries,
                  bool& some_failed) {
  const auto sessions = chosen_sessions(context.options);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (!stage.shares_fits && static_cast<int>(i % static_cast<std::size_t>(scope.size())) != scope.rank())
      continue;
    if (stop_requested()) {
      throw Error(ErrorKind::stopped, "stopped by {} before session {}: run again to go on", stop_reason(),
                  sessions[i].id);
    }
    try {
      const SessionFolder session = folder_of(sessions[i], context.options);
      if (context.options.verify) {
        entries.push_back(to_json(session.id, verify(stage, session)));
        continue;
      }
      const auto held = lock(session, context, scope);
      entries.push_back(to_json(session.id, stage.run(context, session)));
    } catch (const Error& error) {
      entries.push_back(
          {{"session", sessions[i].id}, {"error", error.what()}, {"exit_code", int(error.kind())}});
      if (!context.options.keep_going || error.kind() == ErrorKind::stopped) throw;
      spdlog::error("{}", error.what());
      some_failed = true;
    }
  }
}

/// File names need not be UTF-8, JSON must be.
std::string dump(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Adds what one rank reports of a session, joining the parts of ranks that shared its fits.
void add_entry(nlohmann::json& all, nlohmann::json entry) {
  const auto earlier = std::find_if(all.begin(), all.end(), [&](const nlohmann::json& other) {
    return other["session"] == entry["session"];
  });
  if (earlier == all.end()) {
    all.push_back(std::move(entry));
  } else if (earlier->contains("outputs") && entry.contains("outputs")) {
    for (nlohmann::json& output : entry["outputs"]) (*earlier)["outputs"].push_back(std::move(output));
  } else if (entry.contains("error")) {
    *earlier = std::move(entry);
  }
}

void print_json(const Stage& stage, const mpi::Scope& scope, const nlohmann::json& entries) {
  nlohmann::json all = nlohmann::json::array();
  for (const std::string& text : scope.gather_text(dump(entries, -1))) {
    for (nlohmann::json& entry : nlohmann::json::parse(text)) add_entry(all, std::move(entry));
  }
  if (scope.rank() == 0) fmt::print("{}\n", dump({{"stage", stage.name}, {"sessions", all}}, 2));
}

/// Calls `work` and turns whatever it throws into a message and an exit code.
int guarded(const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    spdlog::log(error.kind() == ErrorKind::stopped ? spdlog::level::warn : spdlog::level::err, "{}",
                error.what());
    return static_cast<int>(error.kind());
  } catch (const std::exception& error) {
    spdlog::error("internal error, please report it: {}", error.what());
    return static_cast<int>(ErrorKind::bug);
  }
}

int run_with_mpi(const Stage& stage, Context& context) {
  const mpi::Scope scope;
  start_log(stage.name, context.options.quiet ? -1 : context.options.verbose ? 1 : 0, scope.rank());
  context.share = TaskShare(scope.rank(), scope.size());
  nlohmann::json entries = nlohmann::json::array();
  const int mine = guarded([&] {
    bool some_failed = false;
    run_sessions(stage, context, scope, entries, some_failed);
    return some_failed ? exit_some_failed : 0;
  });
  // Every rank comes here whatever happened to it, so that no rank waits for one that failed.
  const int code = scope.max_over_ranks(mine);
  if (context.options.json) print_json(stage, scope, entries);
  return code;
}

}  // namespace

artifact::Provenance Context::provenance() const {
  artifact::Provenance provenance;
  provenance.config_text = config::canonical_text(config, stage);
  provenance.config_toml = config::to_toml(config);
  provenance.command = command;
  provenance.seed = config.seed;
  return provenance;
}

void add_boolean_setting(CLI::App& app, const std::string& name, const std::string& key,
                         const std::string& help, std::vector<std::string>& overrides) {
  app.add_flag_callback(
      "--" + name, [key, &overrides] { overrides.push_back(key + "=true"); }, help);
  app.add_flag_callback(
      "--no-" + name, [key, &overrides] { overrides.push_back(key + "=false"); }, "the opposite");
}

void add_text_setting(CLI::App& app, const std::string& name, const std::string& key, const std::string& help,
                      std::vector<std::string>& overrides) {
  app.add_option_function<std::string>(
      "--" + name, [key, &overrides](const std::string& value) { overrides.push_back(key + "=" + value); },
      help);
}

int run_stage(int argc, char** argv, const Stage& stage) {
  start_log(stage.name, 0, 0);
  Context context{stage.name, {}, {}, command_line(argc, argv), TaskShare(0, 1)};
  std::vector<std::string> stage_overrides;
  CLI::App app(stage.summary, stage.name);
  add_common_options(app, context.options);
  stage.add_options(app, stage_overrides);
  app.set_version_flag("--version", fmt::format("{} {} ({})", stage.name, program_version(), git_commit()));
  app.footer(footer(stage));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ErrorKind::usage);
  }
  return guarded([&] {
    std::vector<std::string> overrides = context.options.overrides;
    overrides.insert(overrides.end(), stage_overrides.begin(), stage_overrides.end());
    context.config = config::load(context.options.config_file, overrides);
    if (context.options.print_config) {
      fmt::print("{}", config::to_toml(context.config));
      return 0;
    }
    arrange_stops(context.options);
    if (stage.run_without_session && stage.run_without_session(context)) return 0;
    return run_with_mpi(stage, context);
  });
}

bool needs_computing(const Context& context, const std::filesystem::path& path, const artifact::Kind& kind,
                     const artifact::Provenance& provenance, SessionReport& report) {
  const std::string depends = artifact::depends_digest(kind, provenance);
  if (artifact::up_to_date(path, kind, depends, context.options.force)) {
    spdlog::info("{} is up to date", path.string());
    report.outputs.push_back({path, "up to date", artifact::open(path, kind).header.content_digest});
    return false;
  }
  if (!context.options.dry_run) return true;
  spdlog::info("{} would be computed", path.string());
  report.outputs.push_back({path, "to do", ""});
  return false;
}

void publish(const std::filesystem::path& path, const artifact::Kind& kind,
             const artifact::Provenance& provenance, SessionReport& report,
             const std::function<void(h5::File&)>& fill) {
  report.outputs.push_back({path, "computed", artifact::publish(path, kind, provenance, fill)});
  spdlog::info("{} written", path.string());
}

void warn_of_other_settings(const Context& context, const artifact::Opened& input,
                            const artifact::Kind& kind) {
  const std::string now = config::canonical_text(context.config, kind.stage);
  if (now == input.header.config_text) return;
  std::istringstream made_with(input.header.config_text);
  std::vector<std::string> differing;
  for (std::string line; std::getline(made_with, line);) {
    if (now.find(line + "\n") == std::string::npos) differing.push_back(line);
  }
  spdlog::warn(
      "{} was made with other settings than this run's ({}) and is used as it is. To change it, run {} "
      "again.",
      input.file.path().string(), fmt::join(differing, ", "), kind.stage);
}

}  // namespace rnn_rates::cli
