#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rnn_rates::session {

struct SessionSpec {
  std::string id;                           ///< name of the session's folder of results
  std::filesystem::path path;               ///< session folder or .h5 file
  std::vector<std::string> overrides = {};  ///< settings of this session alone, "key=value"
};

/// The session at `path`, which need not exist: its id is the folder's name, or the name of an .h5 or .nwb
/// file without that ending. Throws Error(input) where the path has no name ("/" or "") or one with a line
/// break or other control character.
SessionSpec session_from_path(const std::filesystem::path& path);

/// The sessions that a pattern such as "data/*/day?" (glob(7)) finds, in order of their names. Throws
/// Error(input) where it finds none.
std::vector<SessionSpec> sessions_of_pattern(const std::string& pattern);

/// Reads a list of sessions: one a line, path and, after a tab, an id of its own if wanted. A first line that
/// begins with "path" and names nothing but "id" and settings, such as "path<TAB>id<TAB>time_lims_ms", is a
/// header; the columns of settings hold values in TOML for the session of their line, empty ones none. Not
/// counted: empty lines, those that start with #, a byte order mark, empty columns at the end of a line.
/// Relative paths start at the list's folder. Throws Error(input) naming the line: no path, more columns than
/// the header (or, without one, two), an id that is no file name or that another line has; a list in UTF-16
/// or with a header separated by commas.
std::vector<SessionSpec> read_manifest(const std::filesystem::path& path);

/// `text` as a cell of such a list, in which read_manifest() finds it again. Throws Error(input) for a text
/// that no cell has room for.
std::string list_cell(const std::string& text);

}  // namespace rnn_rates::session
