#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "artifact/artifact.hpp"
#include "run/context.hpp"

namespace rnn_rates::infer_write {

/// What a session file has as /rnn_output.
struct Present {
  bool there = false;
  std::string content_digest;  ///< of the rates.h5 that it was copied from; "" where another program made it
};
Present present_output(const std::filesystem::path& session_file, h5::Reach reach);

/// Throws Error(input) where the values in the session file's /rnn_output, which has their digest, are not
/// those of these rates.
void verify_published(const std::filesystem::path& session_file, const artifact::Opened& rates,
                      h5::Reach reach);

/// Replaces /rnn_output in the session's own file by that of `rates`: copies the file (sharing blocks where
/// the file system can), edits the copy, syncs it and renames it into place, so that the file is the old one
/// or the new one whenever a kill comes. `check` is called right before the rename; what it throws leaves the
/// file as it was. So do Error(input), where another program has the file open for writing, Error(output),
/// where the copy cannot be written or would not be all that the file is, and Error(stopped).
void publish_into_session(const std::filesystem::path& session_file, const artifact::Opened& rates,
                          const std::function<void()>& check);

/// Throws Error(input) unless the session's recording, of which `input` is the flag --input, holds the spikes
/// that bins.h5 was made from. Its files are read only where their size or date is not that which bins.h5
/// remembers.
void check_recording(const run::Context& context, const run::SessionFolder& session, const std::string& input,
                     const artifact::Opened& bins);

}  // namespace rnn_rates::infer_write
