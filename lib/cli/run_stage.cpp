#include "cli/run_stage.hpp"

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

#include "cli/crash.hpp"
#include "core/characters.hpp"
#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"
#include "core/stop.hpp"
#include "core/version.hpp"
#include "h5/file.hpp"
#include "h5/handle.hpp"
#include "mpi/scope.hpp"
#include "run/choose_sessions.hpp"
#include "run/report.hpp"

namespace rnn_rates::cli {
namespace {

/// Those of ErrorKind; docs/troubleshooting.md says what to do.
constexpr std::string_view exit_codes = R"(
   0 done, or up to date
   1 a bug
   2 the command line
   3 the settings
   4 the input
   5 the output
   6 training diverged
   7 MPI, HDF5 or gnuplot failed, or a system limit was reached
   8 some sessions failed (--keep-going)
  75 stopped early, all saved: run again
  128 + n ended by signal n)";

std::string footer(const CommandLine& line) {
  return fmt::format("Examples:\n  {}\n\nExit codes:{}", fmt::join(line.examples, "\n  "), exit_codes);
}

/// Of the libraries in use: of HDF5 and MPI as they are loaded, of the others as this was built with them.
std::string library_versions() {
  return fmt::format("HDF5 {}, {}, Eigen {}.{}.{}, fmt {}.{}.{}, spdlog {}.{}.{}, CLI11 {}",
                     h5::library_version(), mpi::library_version(), EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION,
                     EIGEN_MINOR_VERSION, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                     SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH, CLI11_VERSION);
}

/// For the record in each artifact, which a list of thousands of sessions on the command line would swell.
std::string called_as(int argc, char** argv) {
  constexpr std::size_t longest = 4000;
  const std::string all = fmt::format("{}", fmt::join(std::vector<std::string>(argv, argv + argc), " "));
  return all.size() <= longest ? all : all.substr(0, all.rfind(' ', longest)) + " ...";
}

/// Slurm kills the job at SLURM_JOB_END_TIME (seconds since 1970); this much earlier the work is saved.
constexpr std::chrono::seconds before_slurm_ends{60};

void warn_of_missing_locks() {
  h5::tell_of_missing_locks([](const std::filesystem::path& path) {
    spdlog::warn(
        "{} is on a file system without locks: files are opened without them, so let no other program write "
        "to "
        "them. HDF5_USE_FILE_LOCKING=FALSE does the same from the start.",
        path.string());
  });
}

void arrange_stops(const run::CommonOptions& options) {
  const auto now = std::chrono::system_clock::now();
  if (options.wall_limit) set_stop_deadline(now + *options.wall_limit);
  const char* const set_by_slurm = std::getenv("SLURM_JOB_END_TIME");
  const std::string_view end_time = set_by_slurm != nullptr ? set_by_slurm : "";
  std::uint32_t seconds = 0;
  std::from_chars(end_time.data(), end_time.data() + end_time.size(), seconds);
  if (seconds > 0) {
    set_stop_deadline(std::chrono::system_clock::time_point(std::chrono::seconds(seconds)) -
                      before_slurm_ends);
  }
}

/// What the command line leads to before any session is touched.
struct Beginning {
  std::optional<int> exit_code;  ///< set: nothing more is to be done
  std::string stdout_text;       ///< what was asked for, such as the help
  std::string stderr_text;       ///< for the terminal as it is
  std::string error;             ///< for the log
};

void parse(CLI::App& app, int argc, char** argv, Beginning& beginning) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const bool asked_for = app.exit(error, out, err) == 0;
    beginning.exit_code = asked_for ? 0 : static_cast<int>(ErrorKind::usage);
    beginning.stdout_text = out.str();
    beginning.stderr_text = err.str();
  }
}

/// The settings that the stage's own results depend on, for workflow engines to watch.
std::string stage_settings(const run::Context& context) {
  const std::string settings = context.settings.canonical_text(context.stage);
  return run::dump({{"stage", context.stage}, {"settings", settings}}, 2) + "\n";
}

void load_settings(run::Context& context, const std::vector<std::string>& stage_overrides,
                   Beginning& beginning) {
  auto& overrides = context.options.overrides;
  overrides.insert(overrides.end(), stage_overrides.begin(), stage_overrides.end());
  context.settings = run::Settings(config::load(context.options.config_file, overrides));
  if (!context.options.print_config) return;
  beginning.stdout_text = context.options.json ? stage_settings(context) : context.settings.to_toml();
  beginning.exit_code = 0;
}

/// Does `work`; what it throws becomes the error and the exit code.
void keep_failure(const run::Stage& stage, Beginning& beginning, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& thrown) {
    const Error error = failure_of(thrown, stage.name());
    beginning.error = error.what();
    beginning.exit_code = static_cast<int>(error.kind());
  }
}

Beginning begin(const CommandLine& line, run::Stage& stage, run::Context& context, int argc, char** argv) {
  std::vector<std::string> stage_overrides;
  CLI::App app(line.summary, stage.name());
  add_common_options(app, context.options);
  add_settings(app, line.settings, stage_overrides);
  if (line.add_options) line.add_options(app);
  app.set_version_flag("--version", fmt::format("{} {} ({})\n{}", stage.name(), program_version(),
                                                git_commit(), library_versions()));
  app.footer(footer(line));
  Beginning beginning;
  keep_failure(stage, beginning, [&] {
    parse(app, argc, argv, beginning);
    if (!beginning.exit_code) load_settings(context, stage_overrides, beginning);
    if (beginning.exit_code) return;
    arrange_stops(context.options);
    warn_of_missing_locks();
    if (stage.run_without_session(context)) beginning.exit_code = 0;
  });
  return beginning;
}

/// To stderr, names from the command line escaped.
void print_lines(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) fmt::print(stderr, "{}\n", terminal_text(line));
}

/// On rank 0: what was said on any rank, once.
void say(const mpi::Group& world, const Beginning& beginning) {
  const auto texts = world.gather(beginning.stderr_text), errors = world.gather(beginning.error);
  if (world.rank() > 0) return;
  run::print(beginning.stdout_text);
  std::map<std::string, std::size_t> said;
  for (std::size_t rank = 0; rank < texts.size(); ++rank) {
    if (!said.emplace(texts[rank] + errors[rank], rank).second) continue;
    print_lines(texts[rank]);
    if (!errors[rank].empty())
      spdlog::error("{}{}", rank > 0 ? fmt::format("rank {}: ", rank) : "", errors[rank]);
  }
}

/// The exit code where any rank has come to an end, said why. Every rank comes here whatever happened to it,
/// so that no rank waits for one that failed.
std::optional<int> end_of_all(const mpi::Group& world, const Beginning& beginning) {
  const int code = world.max(beginning.exit_code.value_or(-1));
  if (code < 0) return std::nullopt;
  say(world, beginning);
  return code;
}

int run_in(const mpi::Scope& scope, const CommandLine& line, run::Stage& stage, int argc, char** argv) {
  run::Context context{stage.name(), {}, {}, called_as(argc, argv)};
  context.world = scope.world();
  context.job = scope.job();
  context.node_rank = scope.world().split_by_node().rank();
  start_log(stage.name(), 0, context.world.rank());
  name_file_on_crash(stage.name());
  Beginning beginning = begin(line, stage, context, argc, argv);
  if (const auto code = end_of_all(context.world, beginning)) return *code;
  std::vector<run::ChosenSession> sessions;
  keep_failure(stage, beginning, [&] {
    sessions = run::choose_sessions(context);
    context.world.on_all([&] {
      if (context.world.rank() == 0) stage.check_sessions(context);
    });
    if (!context.options.list_sessions) return;
    beginning.exit_code = 0;
    if (context.world.rank() > 0) return;
    beginning.stdout_text = context.options.json ? run::listing_as_json(sessions) : run::listing(sessions);
  });
  if (const auto code = end_of_all(context.world, beginning)) return *code;
  start_log(stage.name(), context.options.quiet ? -1 : context.options.verbose ? 1 : 0, context.world.rank());
  // HDF5 hooks into MPI when it starts, so it must start on this thread.
  h5::set_up();
  return stage.run_sessions(context, sessions);
}

}  // namespace

int run_stage(int argc, char** argv, const CommandLine& line, run::Stage& stage) {
  const std::string name = stage.name();
  start_log(name, 0, 0);
  const auto end_with = [&](const std::exception& thrown) {
    const Error error = failure_of(thrown, name);
    spdlog::error("{}", error.what());
    return static_cast<int>(error.kind());
  };
  try {
    install_stop_signals();
    raise_limit_of_open_files();
    const mpi::Scope scope;
    try {
      return run_in(scope, line, stage, argc, argv);
    } catch (const std::exception& thrown) {
      const int code = end_with(thrown);
      // The other ranks may wait for this one.
      if (scope.world().size() > 1) scope.world().abort(code);
      return code;
    }
  } catch (const std::exception& thrown) {
    return end_with(thrown);
  }
}

}  // namespace rnn_rates::cli
