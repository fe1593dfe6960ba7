#pragma once

#include <string>
#include <vector>

#include "run/context.hpp"
#include "session/manifest.hpp"

namespace rnn_rates::run {

/// A session with the settings that hold for it.
struct ChosenSession {
  SessionFolder folder;
  std::vector<std::string> own_settings;  ///< "key=value" of its line in the list
  Settings settings;
};

/// All sessions that the flags name. Throws Error(usage) for none, for two of one id.
std::vector<session::SessionSpec> named_sessions(const CommonOptions& options);

/// This shard's part of them.
std::vector<session::SessionSpec> chosen_sessions(const std::vector<session::SessionSpec>& all,
                                                  const CommonOptions& options);

/// This shard's sessions of those that the flags name, all of which become context.sessions. All ranks call
/// it and get what rank 0 finds. Throws, on all ranks, Error(usage) for none, for two of one id or one folder
/// of results, Error(config) for settings of a session that do not hold or that ranks read differently, and
/// as read_manifest does.
std::vector<ChosenSession> choose_sessions(Context& context);

/// The sessions as the programs understand what names them: a line per session with id, path, folder of
/// results and its own settings. Paths are absolute. Throws Error(input) where one holds a line break or the
/// like.
std::string listing(const std::vector<ChosenSession>& sessions);

/// The same as JSON, and for workflow engines: the session's file, which says how large it is (the session
/// itself where there is none or it is not clear which), a manifest of this session alone, and by stage the
/// settings that its results depend on. Throws Error(input) also where a name is not UTF-8.
std::string listing_as_json(const std::vector<ChosenSession>& sessions);

}  // namespace rnn_rates::run
