#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>

#include "core/error.hpp"

namespace rnn_rates::cli {

void add_common_options(CLI::App& app, run::CommonOptions& o) {
  app.add_option("sessions", o.sessions, "session folders (or their .h5 files), or a pattern in quotes")
      ->type_name("SESSION_DIR");
  app.add_option("--manifest", o.manifest,
                 "list with one session per row: path, id, its own settings (tab-separated)")
      ->type_name("FILE");
  app.add_option("-c,--config", o.config_file, "settings in TOML (default: the built-in ones)")
      ->type_name("FILE");
  app.add_option("--set", o.overrides, "override one setting; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("-o,--out", o.out, "results go to DIR/<session>/ (default: <session>/rnn_output)")
      ->type_name("DIR");
  app.add_option_function<std::string>(
         "--shard", [&o](const std::string& text) { o.shard = parse_shard(text); },
         "take part i (from 0) of n of the sessions")
      ->type_name("i/n");
  app.add_option("--threads", o.threads, "threads to compute with (default: all cores given)")
      ->option_text("N")
      ->check(CLI::Range(1, 4096));
  app.add_option_function<std::string>(
         "--wall-limit",
         [&o](const std::string& text) {
           if (!text.empty()) o.wall_limit = parse_wall_limit(text);
         },
         "stop cleanly after this time, checkpoints saved; run again to continue")
      ->type_name("HH:MM:SS");
  app.add_flag("--force", o.force, "compute again even where the result is up to date");
  app.add_flag("-n,--dry-run", o.dry_run, "check the inputs, say what would be done, write nothing");
  app.add_flag("--keep-going", o.keep_going, "continue with the other sessions when one fails");
  app.add_flag("--wait", o.wait, "wait while another run works on a session instead of failing");
  app.add_flag("--verify", o.verify, "only check the digests of all that the stage reads and has written");
  app.add_flag("--allow-external", o.allow_external,
               "follow links and virtual datasets that lead out of a session's folder");
  app.add_flag("--print-config", o.print_config,
               "print the settings in force as TOML and exit; with --json, those that this stage depends on");
  app.add_flag(
      "--list-sessions", o.list_sessions,
      "print the sessions, one per line (id, path, results folder, own settings), and exit; with --json, "
      "all that workflow engines need");
  app.add_flag("--json", o.json, "print what was done as JSON on stdout");
  auto* quiet = app.add_flag("-q,--quiet", o.quiet, "log only warnings and errors");
  app.add_flag("-v,--verbose", o.verbose, "log more")->excludes(quiet);
}

run::Shard parse_shard(const std::string& text) {
  if (text.empty()) return {};
  run::Shard shard;
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

void add_settings(CLI::App& app, const std::vector<SettingFlag>& flags, std::vector<std::string>& overrides) {
  for (const SettingFlag& flag : flags) {
    const auto set = [key = flag.key, &overrides](const std::string& value) {
      overrides.push_back(key + "=" + value);
    };
    if (flag.boolean) {
      app.add_flag_callback(
          "--" + flag.name, [set] { set("true"); }, flag.help);
      app.add_flag_callback(
          "--no-" + flag.name, [set] { set("false"); }, "the opposite");
    } else {
      app.add_option_function<std::string>("--" + flag.name, set, flag.help);
    }
  }
}

}  // namespace rnn_rates::cli
