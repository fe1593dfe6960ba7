#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "h5/handle.hpp"

namespace rnn_rates::h5 {

/// How far links, raw data in other files and virtual datasets may lead.
enum class Reach { folder /**< of the file itself */, anywhere };

/// What files are opened with. The first to be called before any other use of HDF5.
Handle access_properties();

/// An open HDF5 file. Objects inside are named by absolute paths such as "/spike_trains/dig_in_0".
class File {
 public:
  /// Throws Error(input) where the file is missing, unreadable, truncated or not HDF5, or is being written.
  static File open_read(const std::filesystem::path& path, Reach reach = Reach::folder);
  /// The same for a file that another one refers to, which HDF5 may have open already.
  static File open_linked(const std::filesystem::path& path, Reach reach);
  /// For changing a copy; the same errors. `properties` may be added to, as with a driver of our own.
  static File open_edit(const std::filesystem::path& path, const Handle& properties = access_properties());
  /// Throws Error(output).
  static File create(const std::filesystem::path& path);
  /// The same with access_properties() that were added to; `called` stands in messages.
  static File create(const std::filesystem::path& path, const Handle& properties,
                     const std::filesystem::path& called);

  Id id() const { return handle_.get(); }
  const std::filesystem::path& path() const { return path_; }
  Reach reach() const { return reach_; }
  /// "FILE:OBJECT" for messages.
  std::string where(const std::string& object) const;
  /// Writes all out; throws where that fails.
  void flush() const;
  /// Bytes that the file has or will have on disk.
  std::uintmax_t size() const;
  /// Writes all out and closes; throws where that fails.
  void close();

 private:
  File(Handle handle, std::filesystem::path path, Reach reach = Reach::folder)
      : handle_(std::move(handle)), path_(std::move(path)), reach_(reach) {}
  static File open(const std::filesystem::path& path, bool edit, Reach reach, const Handle& properties);

  Handle handle_;
  std::filesystem::path path_;
  Reach reach_ = Reach::folder;
};

/// Called, once a process, with the first file whose file system has no locks. HDF5 locks what it opens, so
/// that no program reads what another writes; such a file is opened without.
void tell_of_missing_locks(std::function<void(const std::filesystem::path&)> tell);

/// The path that was opened last, "" before any was. Can be called by a signal handler.
const char* last_opened();

/// True where `object` is there. Every link on the way is followed as HDF5 would follow it. Throws
/// Error(input), naming link and target, where a soft link loops, where a soft or external link leads
/// nowhere, and, for Reach::folder, where an external link leads out of the folder of `file`.
bool exists(const File& file, const std::string& object);
bool is_group(const File& file, const std::string& object);
bool is_dataset(const File& file, const std::string& object);

/// Names inside a group, in byte order. Throws Error(input) if it is absent or not a group.
std::vector<std::string> children(const File& file, const std::string& group);

/// Paths of all datasets below `group`, in byte order. Throws Error(input) where a group is linked twice,
/// which could go on for ever.
std::vector<std::string> datasets_below(const File& file, const std::string& group);

/// Creates a group and the missing ones above it.
void create_group(File& file, const std::string& group);

/// Unlinks an object and all below it, wherever that link leads; nothing where it is absent.
void remove(File& file, const std::string& object);

/// Copies an object with all below it from another file.
void copy(const File& from, const std::string& object, File& to, const std::string& as);

}  // namespace rnn_rates::h5
