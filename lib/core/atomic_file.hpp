#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
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
  /// Writes the temporary file. Throws Error(output), telling the space that is needed and free.
  void write(std::string_view bytes);
  /// Makes sure that so many more bytes can be written at its end. Throws like write().
  void reserve(std::size_t bytes);
  /// fsync of the file, rename onto the target, fsync of the folder. `check` is called right before the
  /// rename, as the fsync may take long; nothing is published where it throws. Throws Error(output).
  void publish(const std::function<void()>& check = {});

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool published_ = false;
};

/// Removes temporary files in `folder` that killed runs left behind: of processes of this host that are gone,
/// and of other hosts, or hidden from this user, once they are a day old. Those of live processes stay.
void remove_leftovers(const std::filesystem::path& folder);

/// Throws Error(output) where the folder that `file` is to lie in does not exist, as when it was removed
/// meanwhile.
void check_folder_of(const std::filesystem::path& file);

/// Free bytes of the file system that `path` is or would be on; the largest number where it does not tell.
std::uintmax_t free_space(const std::filesystem::path& path);
/// Such as "1.2 GB".
std::string size_text(std::uintmax_t bytes);

/// Publishes a file with these bytes. Throws Error(output), telling the space that is needed and free.
void write_file(const std::filesystem::path& target, std::string_view bytes);

/// Creates the folder and its parents. Throws Error(output).
void create_folders(const std::filesystem::path& folder);
/// Creates `folder`, which is `base`/..., but neither `base` nor its parents: throws Error(output) where
/// somebody has removed that.
void create_folders_below(const std::filesystem::path& base, const std::filesystem::path& folder);

}  // namespace rnn_rates
