#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rnn_rates::session {

struct SessionSpec {
  std::string id;              ///< name of the session's folder of results
  std::filesystem::path path;  ///< session folder or .h5 file
};

/// The session at `path`, which need not exist: its id is the folder's name, or an .h5 file's name without
/// .h5. Throws Error(input) where the path has no name ("/" or "").
SessionSpec session_from_path(const std::filesystem::path& path);

/// Reads a list of sessions: one a line, path and, after a tab, an id of its own if wanted. A first line
/// "path" or "path<TAB>id" is a header; empty lines and those that start with # do not count. Relative paths
/// start at the list's folder. Throws Error(input) naming the line: no path, more than two columns, an id
/// that is no file name or that another line has.
std::vector<SessionSpec> read_manifest(const std::filesystem::path& path);

}  // namespace rnn_rates::session
