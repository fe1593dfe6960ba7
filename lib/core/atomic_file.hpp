#pragma once

#include <filesystem>
#include <string_view>

namespace rnn_rates {

/// A file that appears under its name whole or not at all: write to temporary(), then call publish().
/// Destroyed unpublished, it removes what was written. The temporary name lies in the same folder and carries
/// host and process, `.NAME.HOST.PID.tmp`, so that leftovers of a killed run can be told from a live one's.
class AtomicFile {
 public:
  /// Throws Error(output) where the folder does not exist or cannot be written.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  const std::filesystem::path& target() const { return target_; }
  /// fsync of the file, rename onto the target, fsync of the folder. Throws Error(output).
  void publish();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool published_ = false;
};

/// Removes temporary files in `folder` that killed runs left behind: of processes of this host that are gone,
/// and of other hosts once they are a day old. Those of live processes stay.
void remove_leftovers(const std::filesystem::path& folder);

/// Publishes a small text file.
void write_text_file(const std::filesystem::path& target, std::string_view text);

/// Creates the folder and its parents. Throws Error(output).
void create_folders(const std::filesystem::path& folder);

}  // namespace rnn_rates
