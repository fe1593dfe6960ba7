#pragma once

#include <string>
#include <vector>

#include "run/choose_sessions.hpp"

namespace rnn_rates::run {

/// The sessions as the programs understand what names them: a line per session with id, path, folder of
/// results and its own settings. Paths are absolute. Throws Error(input) where one holds a line break or the
/// like.
std::string listing(const std::vector<ChosenSession>& sessions);

/// The same as JSON, and for workflow engines: the session's file, which says how large it is (the session
/// itself where there is none or it is not clear which), a manifest of this session alone, and by stage the
/// settings that its results depend on. Throws Error(input) also where a name is not UTF-8.
std::string listing_as_json(const std::vector<ChosenSession>& sessions);

}  // namespace rnn_rates::run
