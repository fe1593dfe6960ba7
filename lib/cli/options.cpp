#include "cli/options.hpp"

#include <sched.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>

#include "core/error.hpp"

namespace rnn_rates::cli {

void add_common_options(CLI::App& app, CommonOptions& o) {
  app.add_option("sessions", o.sessions, "session folders (or their .h5 files), or a pattern in quotes")
      ->type_name("SESSION_DIR");
  app.add_option("--manifest", o.manifest,
                 "list with one session a row: path, id, settings of its own (tab-separated)")
      ->type_name("FILE");
  app.add_option("-c,--config", o.config_file, "settings in TOML; without it the built-in ones")
      ->type_name("FILE");
  app.add_option("--set", o.overrides, "one setting, over the file's; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("-o,--out", o.out, "results go to DIR/<session>/ (default: <session>/rnn_output)")
      ->type_name("DIR");
  app.add_option("--shard", o.shard_text, "take part i (from 0) of n of the sessions")->type_name("i/n");
  app.add_option("--threads", o.threads, "threads to compute with (default: all cores given)")
      ->option_text("N")
      ->check(CLI::Range(1, 4096));
  app.add_option("--wall-limit", o.wall_limit,
                 "stop in order after this time, checkpoints saved; run again to go on")
      ->type_name("HH:MM:SS");
  app.add_flag("--force", o.force, "compute again even where the result is up to date");
  app.add_flag("-n,--dry-run", o.dry_run, "check the inputs, say what would be done, write nothing");
  app.add_flag("--keep-going", o.keep_going, "go on with the other sessions when one fails");
  app.add_flag("--wait", o.wait, "wait where another run works on a session, instead of failing");
  app.add_flag("--verify", o.verify,
               "check the digests of all that the stage reads and has written, and do no more");
  app.add_flag("--allow-external", o.allow_external,
               "follow links and virtual datasets of a session's file that lead out of its folder");
  app.add_flag("--print-config", o.print_config,
               "print the settings in force as TOML and stop; with --json, those that this stage depends on");
  app.add_flag("--json", o.json, "print what was done as JSON on stdout");
  auto* quiet = app.add_flag("-q,--quiet", o.quiet, "say only warnings and errors");
  app.add_flag("-v,--verbose", o.verbose, "say more")->excludes(quiet);
}

Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  Shard shard;
  const char* end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc() || count.ptr != end || shard.index >= shard.count) {
    throw Error(ErrorKind::usage, "--shard {}: expected i/n with i from 0 to n-1, such as 0/4", text);
  }
  return shard;
}

std::chrono::seconds parse_wall_limit(const std::string& text) {
  std::chrono::seconds total{0};
  std::size_t parts = 0;
  for (const char *at = text.data(), *end = at + text.size();; ++at) {
    unsigned value = 0;
    const auto part = std::from_chars(at, end, value);
    const bool more = part.ptr != end && *part.ptr == ':';
    if (part.ec != std::errc() || (part.ptr != end && !more) || ++parts > 3) {
      throw Error(ErrorKind::usage, "--wall-limit {}: expected HH:MM:SS, such as 00:55:00", text);
    }
    total = total * 60 + std::chrono::seconds(value);
    if (!more) return total;
    at = part.ptr;
  }
}

h5::Reach reach(const CommonOptions& options) {
  return options.allow_external ? h5::Reach::anywhere : h5::Reach::folder;
}

std::vector<session::SessionSpec> named_sessions(const CommonOptions& options) {
  std::vector<session::SessionSpec> all;
  for (const auto& path : options.sessions) {
    // A pattern is for long lists, which a shell cannot put on a command line.
    if (path.string().find_first_of("*?[") != std::string::npos && !std::filesystem::exists(path)) {
      for (auto& spec : session::sessions_of_pattern(path.string())) all.push_back(std::move(spec));
    } else {
      all.push_back(session::session_from_path(path));
    }
  }
  if (!options.manifest.empty()) {
    for (auto& spec : session::read_manifest(options.manifest)) all.push_back(std::move(spec));
  }
  if (all.empty())
    throw Error(ErrorKind::usage, "no session given: name a session folder, or --manifest FILE");
  std::map<std::string, std::string> seen;
  for (const auto& spec : all) {
    const auto [at, fresh] = seen.emplace(spec.id, spec.path.string());
    if (!fresh) {
      throw Error(ErrorKind::usage, "two sessions are called '{}': {} and {}. Give them ids in a --manifest.",
                  spec.id, at->second, spec.path.string());
    }
  }
  return all;
}

std::vector<session::SessionSpec> chosen_sessions(const std::vector<session::SessionSpec>& all,
                                                  const CommonOptions& options) {
  const Shard shard = parse_shard(options.shard_text);
  std::vector<session::SessionSpec> mine;
  for (std::size_t i = shard.index; i < all.size(); i += shard.count) mine.push_back(all[i]);
  return mine;
}

std::size_t thread_count(const CommonOptions& options) {
  if (options.threads > 0) return options.threads;
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&cores));
}

}  // namespace rnn_rates::cli
