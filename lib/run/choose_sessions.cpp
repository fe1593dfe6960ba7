#include "run/choose_sessions.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/error.hpp"
#include "run/pack.hpp"
#include "run/places.hpp"
#include "session/manifest.hpp"

namespace rnn_rates::run {
namespace {

SessionFolder folder_of(const session::SessionSpec& spec, const CommonOptions& options) {
  if (!options.out.empty()) return {spec.id, spec.path, options.out / spec.id};
  std::error_code unseen;
  if (std::filesystem::is_directory(spec.path, unseen)) return {spec.id, spec.path, spec.path / "rnn_output"};
  return {spec.id, spec.path, spec.path.parent_path() / "rnn_output" / spec.id};
}

/// The file's settings, over them the session's own, over both those of the command line.
Settings settings_of(const session::SessionSpec& spec, const CommonOptions& options) {
  std::vector<std::string> overrides = spec.overrides;
  overrides.insert(overrides.end(), options.overrides.begin(), options.overrides.end());
  try {
    return Settings(config::load(options.config_file, overrides));
  } catch (const Error& error) {
    throw Error(error.kind(), "session {}: {}", spec.id, error.what());
  }
}

/// With --out, a session's folder lies beside the pages and logs of them all.
void check_ids(const std::vector<SessionFolder>& sessions, const CommonOptions& options) {
  if (options.out.empty()) return;
  static const std::set<std::string> taken = {"index.html", "compare.html", "scores.png", "scores.svg",
                                              "scores.pdf", "report.tsv",   "slurm",      "nextflow"};
  for (const SessionFolder& session : sessions) {
    const bool hidden = session.id.front() == '.';
    constexpr std::size_t longest = 200;
    if (!hidden && session.id.size() <= longest && !taken.contains(session.id)) continue;
    throw Error(ErrorKind::usage, "a session cannot be called '{}': {}. Give it another id in a --manifest.",
                session.id,
                hidden                       ? "its folder of results would be hidden"
                : taken.contains(session.id) ? "a file or folder of all sessions has that name"
                                             : "that is too long");
  }
}

/// Sessions of one recording, such as several windows of it, need folders of their own.
void check_folders(const std::vector<SessionFolder>& sessions) {
  std::map<std::filesystem::path, std::string> seen;
  for (const SessionFolder& session : sessions) {
    std::error_code failure;
    const std::filesystem::path canonical = std::filesystem::weakly_canonical(session.out, failure);
    const auto [at, fresh] = seen.emplace(failure ? session.out : canonical, session.id);
    if (!fresh) {
      throw Error(
          ErrorKind::usage,
          "the sessions '{}' and '{}' would both write to {}. Name a folder with -o, in which each gets "
          "its own.",
          at->second, session.id, session.out.string());
    }
  }
}

/// The sessions that rank 0 finds: a folder or a list may have changed by the time another rank looks at it,
/// or be a pipe, and ranks tell each other of sessions by their places among all.
std::vector<session::SessionSpec> sessions_of_all_ranks(const Context& context) {
  std::vector<session::SessionSpec> named;
  context.world.on_all([&] {
    if (context.world.rank() == 0) named = named_sessions(context.options);
  });
  return unpack<std::vector<session::SessionSpec>>(context.world.broadcast(pack(named)));
}

/// Throws Error(config) where another rank has read other settings than rank 0.
void check_settings_of_all_ranks(const Context& context) {
  const std::string mine = context.settings.to_toml();
  const std::string first = context.world.broadcast(mine);
  context.world.on_all([&] {
    if (mine != first) {
      throw Error(ErrorKind::config,
                  "{}: rank {} read different settings from rank 0. Run again once the file is saved.",
                  context.options.config_file.string(), context.world.rank());
    }
  });
}

}  // namespace

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
  std::vector<session::SessionSpec> mine;
  for (std::size_t i = options.shard.index; i < all.size(); i += options.shard.count) mine.push_back(all[i]);
  return mine;
}

std::vector<ChosenSession> choose_sessions(Context& context) {
  check_settings_of_all_ranks(context);
  const std::vector<session::SessionSpec> named = sessions_of_all_ranks(context);
  std::vector<ChosenSession> chosen;
  context.world.on_all([&] {
    std::vector<SessionFolder> folders;
    folders.reserve(named.size());
    for (const session::SessionSpec& spec : named) folders.push_back(folder_of(spec, context.options));
    // One rank asks the file system for all of them.
    if (context.world.rank() == 0) {
      check_ids(folders, context.options);
      check_folders(folders);
      check_folders_of_results(folders);
    }
    context.sessions = std::make_shared<const std::vector<SessionFolder>>(std::move(folders));
    std::map<std::vector<std::string>, Settings> known = {{{}, context.settings}};
    for (const session::SessionSpec& spec : chosen_sessions(named, context.options)) {
      auto at = known.find(spec.overrides);
      if (at == known.end()) at = known.emplace(spec.overrides, settings_of(spec, context.options)).first;
      chosen.push_back({folder_of(spec, context.options), spec.overrides, at->second});
    }
  });
  // Each session gets a copy of the context.
  context.options.sessions.clear();
  return chosen;
}

}  // namespace rnn_rates::run
