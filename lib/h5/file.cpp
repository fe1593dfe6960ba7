#include "h5/file.hpp"

#include <hdf5.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include "core/characters.hpp"
#include "core/error.hpp"
#include "core/limits.hpp"
#include "h5/other_formats.hpp"

namespace rnn_rates::h5 {
namespace {

namespace fs = std::filesystem;

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

H5O_type_t object_type(const File& file, const std::string& object) {
  if (!exists(file, object)) return H5O_TYPE_UNKNOWN;
  H5O_info_t info;
  check(H5Oget_info_by_name(file.id(), object.c_str(), &info, H5P_DEFAULT), file.where(object));
  return info.type;
}

/// Adds the datasets below `group`; `seen` are the groups met so far, by file and address.
void collect_datasets(const File& file, const std::string& group,
                      std::set<std::pair<unsigned long, haddr_t>>& seen, std::vector<std::string>& found) {
  const std::vector<std::string> names = children(file, group);
  H5O_info_t info;
  check(H5Oget_info_by_name(file.id(), group.c_str(), &info, H5P_DEFAULT), file.where(group));
  if (!seen.emplace(info.fileno, info.addr).second) {
    throw Error(ErrorKind::input, "{}: this group is linked twice. The file is damaged.", file.where(group));
  }
  const std::string prefix = group == "/" ? "/" : group + "/";
  for (const std::string& name : names) {
    const std::string object = prefix + name;
    if (is_dataset(file, object)) {
      found.push_back(object);
    } else if (is_group(file, object)) {
      collect_datasets(file, object, seen, found);
    }
  }
}

/// Opening a pipe would wait for its writer.
void check_plain(const fs::path& path) {
  std::error_code unseen;
  if (fs::is_other(path, unseen)) throw Error(ErrorKind::input, "{}: is not a plain file", path.string());
}

/// HDF5 opens the files that links lead to with H5F_CLOSE_WEAK.
Handle access_properties_of(H5F_close_degree_t degree) {
  set_up();
  Handle properties(H5Pcreate(H5P_FILE_ACCESS), "file access properties");
  check(H5Pset_fclose_degree(properties.get(), degree), "file access properties");
  // The format of HDF5 1.8 has checksums in its object headers, which the oldest one has not.
  check(H5Pset_libver_bounds(properties.get(), H5F_LIBVER_V18, H5F_LIBVER_LATEST), "file access properties");
  return properties;
}

/// What is known of locks in this process.
struct Locks {
  std::atomic<bool> missing = false;
  std::function<void(const fs::path&)> listener;
};

Locks& locks() {
  static Locks state;
  return state;
}

/// HDF5 opens a file that it has open already only with the same use of locks.
Id open_with_locks(const fs::path& path, bool edit, const Handle& properties, bool use) {
  check(H5Pset_file_locking(properties.get(), use, true), "file access properties");
  errno = 0;
  return H5Fopen(path.c_str(), edit ? H5F_ACC_RDWR : H5F_ACC_RDONLY, properties.get());
}

/// The errno that HDF5 tells of, 0 where there is none: its own calls may have changed errno since.
int system_reason(const std::string& hdf5_reason) {
  constexpr std::string_view before = "errno = ";
  const std::size_t at = hdf5_reason.find(before);
  int reason = 0;
  if (at != std::string::npos)
    std::from_chars(hdf5_reason.data() + at + before.size(), hdf5_reason.data() + hdf5_reason.size(), reason);
  return reason;
}

/// Throws Error(input) for a file that HDF5 could not open, LimitMet where that kept it from it.
[[noreturn]] void throw_unopened(const fs::path& path, int reason, const std::string& hdf5_reason) {
  check_limits(system_reason(hdf5_reason), path.string());
  std::error_code failure;
  if (!fs::exists(path, failure)) {
    throw Error(ErrorKind::input, "{}: {}", path.string(),
                fs::is_symlink(path, failure) ? recognise(path) : "no such file");
  }
  if (fs::is_directory(path, failure))
    throw Error(ErrorKind::input, "{}: is a folder, not a file", path.string());
  if (reason == EACCES || reason == EPERM) {
    throw Error(ErrorKind::input, "{}: cannot be opened: {}", path.string(), std::strerror(reason));
  }
  if (const std::string known = recognise(path); !known.empty())
    throw Error(ErrorKind::input, "{}: {}", path.string(), known);
  throw Error(
      ErrorKind::input,
      "{}: not a whole HDF5 file ({}). It may be truncated or of another format; restore it from a copy.",
      path.string(), hdf5_reason);
}

std::atomic<const char*> last_opened_path = "";

/// For last_opened(), which a crash writes to the terminal. Two copies in turn: one stands while the other is
/// written.
void remember(const fs::path& path) {
  static std::string copies[2];
  static std::size_t next = 0;
  copies[next] = terminal_text(path.string());
  last_opened_path = copies[next].c_str();
  next = 1 - next;
}

}  // namespace

File File::open(const fs::path& path, bool edit, Reach reach, const Handle& properties) {
  // Where HDF5 1.10 gets no memory, it may crash.
  if (is_short_of_memory()) check_limits(ENOMEM, path.string());
  const bool use = !locks().missing;
  remember(path);
  Id id = open_with_locks(path, edit, properties, use);
  if (id < 0) {
    const int reason = errno;
    const std::string hdf5_reason = take_reason();
    if (system_reason(hdf5_reason) == EWOULDBLOCK) {
      throw Error(ErrorKind::input,
                  "{}: another program has it open for writing. Run again when that is done.", path.string());
    }
    if (hdf5_reason.find("lock") == std::string::npos) throw_unopened(path, reason, hdf5_reason);
    id = open_with_locks(path, edit, properties, !use);
    if (id < 0) throw_unopened(path, errno, take_reason());
    if (use && !locks().missing.exchange(true) && locks().listener) locks().listener(path);
  }
  return File(Handle(id, path.string()), path, reach);
}

const char* last_opened() { return last_opened_path; }

// STRONG: a file that is closed while objects are still open would stay open behind the scenes.
Handle access_properties() { return access_properties_of(H5F_CLOSE_STRONG); }

File File::open_read(const fs::path& path, Reach reach) {
  check_plain(path);
  return open(path, false, reach, access_properties());
}

File File::open_linked(const fs::path& path, Reach reach) {
  // One file cannot be open in two ways.
  check_plain(path);
  return open(path, false, reach, access_properties_of(H5F_CLOSE_WEAK));
}

File File::open_edit(const fs::path& path, const Handle& properties) {
  return open(path, true, Reach::folder, properties);
}

void tell_of_missing_locks(std::function<void(const fs::path&)> tell) { locks().listener = std::move(tell); }

File File::create(const fs::path& path, const Handle& properties, const fs::path& called) {
  if (is_short_of_memory()) check_limits(ENOMEM, called.string());
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), "file creation properties");
  check(H5Pset_obj_track_times(creation.get(), false), "file creation properties");
  errno = 0;
  const Id id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), properties.get());
  if (id < 0) {
    const int reason = errno;
    check_limits(reason, called.string());
    throw Error(ErrorKind::output, "{}: cannot be created: {}", called.string(),
                reason != 0 ? std::strerror(reason) : take_reason());
  }
  return File(Handle(id, called.string()), called);
}

File File::create(const fs::path& path) { return create(path, access_properties(), path); }

std::uintmax_t File::size() const {
  flush();
  hsize_t bytes = 0;
  check(H5Fget_filesize(handle_.get(), &bytes), path_.string());
  return bytes;
}

std::string File::where(const std::string& object) const { return path_.string() + ":" + object; }

void File::flush() const {
  check(H5Fflush(handle_.get(), H5F_SCOPE_LOCAL), path_.string() + ": cannot be written out");
}

void File::close() { handle_.close(path_.string() + ": cannot be closed"); }

bool is_group(const File& file, const std::string& object) {
  return object_type(file, object) == H5O_TYPE_GROUP;
}

bool is_dataset(const File& file, const std::string& object) {
  return object_type(file, object) == H5O_TYPE_DATASET;
}

std::vector<std::string> children(const File& file, const std::string& group) {
  if (!is_group(file, group)) throw Error(ErrorKind::input, "{}: no such group", file.where(group));
  const Handle handle(H5Gopen2(file.id(), group.c_str(), H5P_DEFAULT), file.where(group));
  std::vector<std::string> names;
  // Sorted here: HDF5 1.10 frees what it never set up where it sorts the links of a damaged group.
  check(H5Literate(handle.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect_name, &names),
        file.where(group));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> datasets_below(const File& file, const std::string& group) {
  std::vector<std::string> found;
  std::set<std::pair<unsigned long, haddr_t>> seen;
  collect_datasets(file, group, seen, found);
  std::sort(found.begin(), found.end());
  return found;
}

void create_group(File& file, const std::string& group) {
  if (group.empty() || exists(file, group)) return;
  create_group(file, group.substr(0, group.rfind('/')));
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), "group creation properties");
  check(H5Pset_obj_track_times(properties.get(), false), "group creation properties");
  Handle(H5Gcreate2(file.id(), group.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), file.where(group));
}

void remove(File& file, const std::string& object) {
  if (H5Lexists(file.id(), object.c_str(), H5P_DEFAULT) <= 0) return;
  check(H5Ldelete(file.id(), object.c_str(), H5P_DEFAULT), file.where(object));
}

void copy(const File& from, const std::string& object, File& to, const std::string& as) {
  create_group(to, as.substr(0, as.rfind('/')));
  check(H5Ocopy(from.id(), object.c_str(), to.id(), as.c_str(), H5P_DEFAULT, H5P_DEFAULT),
        from.where(object));
}

}  // namespace rnn_rates::h5
