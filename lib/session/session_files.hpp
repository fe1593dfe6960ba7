#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace rnn_rates::session {

/// Where a session lies.
struct SessionPlace {
  std::filesystem::path h5;
  /// The folder was named, so that all in it is of this session; false where only the .h5 was, which may have
  /// those of other sessions beside it.
  bool whole_folder = false;
};

/// See session_file().
SessionPlace locate_session(const std::filesystem::path& folder_or_h5, const std::string& input);

/// The file with `extension` (such as ".info") that belongs to the session: the one named like the .h5, else
/// like the folder, else the only one that does not carry another recording's name. Throws Error(input) where
/// several are left.
std::optional<std::filesystem::path> find_beside(const SessionPlace& place, const std::string& extension);

}  // namespace rnn_rates::session
