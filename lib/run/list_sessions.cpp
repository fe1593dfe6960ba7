#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "run/choose_sessions.hpp"
#include "session/manifest.hpp"
#include "session/recording.hpp"

namespace rnn_rates::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string path_text(const fs::path& path) { return session::list_cell(fs::absolute(path).string()); }

std::string recording_of(const fs::path& source) {
  try {
    return path_text(session::session_file(source, ""));
  } catch (const Error&) {
    return path_text(source);  // Reported when it is this session's turn.
  }
}

std::string manifest_of(const ChosenSession& session) {
  std::string header = "path\tid",
              row = path_text(session.folder.source) + '\t' + session::list_cell(session.folder.id);
  for (const std::string& setting : session.own_settings) {
    const std::size_t equals = setting.find('=');
    header += '\t' + setting.substr(0, equals);
    row += '\t' + setting.substr(equals + 1);
  }
  return header + '\n' + row + '\n';
}

json settings_by_stage(const Settings& all) {
  json settings;
  for (const std::string_view stage : config::stages)
    settings[std::string(stage)] = all.canonical_text(stage);
  return settings;
}

}  // namespace

std::string listing(const std::vector<ChosenSession>& sessions) {
  std::string text;
  for (const ChosenSession& session : sessions) {
    text += fmt::format("{}\t{}\t{}{}{}\n", session::list_cell(session.folder.id),
                        path_text(session.folder.source), path_text(session.folder.out),
                        session.own_settings.empty() ? "" : "\t", fmt::join(session.own_settings, ", "));
  }
  return text;
}

std::string listing_as_json(const std::vector<ChosenSession>& sessions) {
  std::map<std::vector<std::string>, json> settings;
  std::vector<std::string> entries;
  for (const ChosenSession& session : sessions) {
    auto at = settings.find(session.own_settings);
    if (at == settings.end())
      at = settings.emplace(session.own_settings, settings_by_stage(session.settings)).first;
    const json entry = {{"session", session.folder.id},
                        {"source", path_text(session.folder.source)},
                        {"out", path_text(session.folder.out)},
                        {"own_settings", session.own_settings},
                        {"recording", recording_of(session.folder.source)},
                        {"manifest", manifest_of(session)},
                        {"settings", at->second}};
    try {
      entries.push_back(entry.dump(-1, ' ', true));  // ASCII, which readers take in any locale
    } catch (const json::type_error&) {
      throw Error(ErrorKind::input, "session {}: its name or path is not UTF-8, as JSON must be. Rename it.",
                  session.folder.id);
    }
  }
  return fmt::format("{{\"sessions\": [\n{}\n]}}\n", fmt::join(entries, ",\n"));
}

}  // namespace rnn_rates::run
