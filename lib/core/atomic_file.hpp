#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/descriptor.hpp"

namespace rnn_rates {

/// A file that appears under its name whole or not at all: write to temporary(), then call publish().
/// Destroyed unpublished, it removes what was written. The temporary file lies in the same folder, is created
/// exclusively, and is called `.NAME.RANDOM.HOST.PID.tmp`: nobody can put a link there beforehand, and
/// leftovers of a killed run can be told from a live one's.
class AtomicFile {
 public:
  /// Creates the empty temporary file. Throws Error(output) where the folder does not exist or cannot be
  /// written.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  const std::filesystem::path& temporary() const { return temporary_; }
  const std::filesystem::path& target() const { return target_; }
  /// The open temporary file, for reading and writing.
  int descriptor() const { return descriptor_.get(); }
  /// Writes these bytes from `offset` on. Throws Error(output), telling the space that is needed and free.
  void write(std::string_view bytes, std::uint64_t offset = 0);
  /// fsync of the file, rename onto the target, fsync of the folder. Throws Error(output), before the rename,
  /// where this process has lost the lock of the target's folder (see FolderLock). `check` is called right
  /// before the rename, as the fsync may take long; nothing is published where it throws.
  void publish(const std::function<void()>& check = {});

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  Descriptor descriptor_;
  bool published_ = false;
};

/// The folder that `file` lies in, "." of a mere name.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// A new name for a temporary file beside `target`, which remove_leftovers() knows.
std::filesystem::path temporary_name(const std::filesystem::path& target);

/// Removes temporary files in `folder` that killed runs left behind: of processes of this host that are gone,
/// and of other hosts, or hidden from this user, once they are a day old. Those of live processes stay.
void remove_leftovers(const std::filesystem::path& folder);
/// The same for the temporary files of one `file`, in a folder that is the user's own.
void remove_leftovers_of(const std::filesystem::path& file);

/// Throws Error(output) where the folder that `file` is to lie in does not exist, as when it was removed
/// meanwhile.
void check_folder_of(const std::filesystem::path& file);

/// Free bytes of the file system that `path` is or would be on; the largest number where it does not tell.
std::uintmax_t free_space(const std::filesystem::path& path);
/// Such as "1.2 GB".
std::string size_text(std::uintmax_t bytes);

/// The bytes of a file; nothing where it is no plain file or cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& file);

/// Publishes a file with these bytes. Throws Error(output), telling the space that is needed and free.
void write_file(const std::filesystem::path& target, std::string_view bytes,
                const std::function<void()>& check = {});

/// Creates the folder and its parents. Throws Error(output).
void create_folders(const std::filesystem::path& folder);
/// Creates `folder`, which is `base`/..., but neither `base` nor its parents: throws Error(output) where
/// somebody has removed that.
void create_folders_below(const std::filesystem::path& base, const std::filesystem::path& folder);

}  // namespace rnn_rates
