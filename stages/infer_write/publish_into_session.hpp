#pragma once

#include <filesystem>

#include "artifact/artifact.hpp"

namespace rnn_rates::infer_write {

/// True where the session file's /rnn_output holds the content of these rates.
bool is_published(const std::filesystem::path& session_file, const artifact::Opened& rates, h5::Reach reach);

/// Throws Error(input) where the values in the session file's /rnn_output, which is_published(), are not
/// those of these rates.
void verify_published(const std::filesystem::path& session_file, const artifact::Opened& rates,
                      h5::Reach reach);

/// Replaces /rnn_output in the session's own file by that of `rates`: copies the file (sharing blocks where
/// the file system can), edits the copy, syncs it and renames it into place, so that the file is the old one
/// or the new one whenever a kill comes. Throws Error(output), leaving the file as it was.
void publish_into_session(const std::filesystem::path& session_file, const artifact::Opened& rates);

}  // namespace rnn_rates::infer_write
