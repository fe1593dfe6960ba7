#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <regex>
#include <system_error>

#include "core/error.hpp"
#include "core/folder_lock.hpp"
#include "core/host.hpp"
#include "core/limits.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;

/// Writes what `descriptor` refers to to disk.
void sync(int descriptor, const fs::path& target) {
  // Some network file systems cannot sync a folder and say EINVAL; the rename is all there is then.
  if (::fsync(descriptor) == 0 || errno == EINVAL) return;
  const int reason = errno;
  check_folder_of(target);
  throw Error(ErrorKind::output, "{}: cannot be written to disk: {}", target.string(), std::strerror(reason));
}

void sync_folder_of(const fs::path& target) {
  const Descriptor folder(::open(folder_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A folder that may be written but not read: the rename is all there is.
  if (folder.get() < 0) return check_folder_of(target);
  sync(folder.get(), target);
}

[[noreturn]] void refuse_folder(const fs::path& folder, const std::error_code& failure) {
  throw Error(ErrorKind::output, "{}: cannot create this folder: {}. Choose another with --out.",
              folder.string(), failure.message());
}

[[noreturn]] void refuse(const fs::path& target, int reason, std::size_t bytes) {
  check_folder_of(target);
  throw Error(ErrorKind::output,
              "{}: cannot be written: {} (needs {}, {} free). Nothing was lost; make room and run again.",
              target.string(), std::strerror(reason), size_text(bytes), size_text(free_space(target)));
}

std::string random_text() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    throw Error(ErrorKind::runtime, "the system gives no random numbers: {}", std::strerror(errno));
  return fmt::format("{:016x}", number);
}

/// What the names of all temporary files of `file` begin with: the rest fits into 255 bytes behind it.
std::string temporary_prefix(const fs::path& file) {
  constexpr std::size_t longest = 140;
  return fmt::format(".{}.", file.filename().string().substr(0, longest));
}

[[noreturn]] void throw_not_created(const fs::path& target, int reason) {
  check_folder_of(target);
  const std::string folder = folder_of(target).string();
  check_limits(reason, target.string());
  if (reason == EACCES || reason == EPERM || reason == EROFS) {
    throw Error(ErrorKind::output, "{}: cannot write in this folder: {}. Choose another with --out.", folder,
                std::strerror(reason));
  }
  throw Error(ErrorKind::output, "{}: no file can be created in this folder: {} ({} free)", folder,
              std::strerror(reason), size_text(free_space(target)));
}

/// Removes the entries of `folder` that `is_temporary` and whose process, as the name tells, is gone.
void remove_leftovers(const fs::path& folder, const std::function<bool(const std::string&)>& is_temporary) {
  static const std::regex temporary_name(R"(\..+\.([^.]+(?:\..+)?)\.(\d{1,9})\.tmp)");
  std::error_code failure, ignored;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::smatch parts;
    if (!name.ends_with(".tmp") || !is_temporary(name) || !std::regex_match(name, parts, temporary_name))
      continue;
    const std::string ours = fmt::format(".{}.{}.tmp", host_name(), parts[2].str());
    const bool here = name.ends_with(ours);
    const bool gone =
        here && !is_hidden(std::stoi(parts[2]))
            ? process_identity(std::stoi(parts[2])).empty()
            : fs::file_time_type::clock::now() - entry->last_write_time(ignored) > std::chrono::hours(24);
    if (gone) fs::remove(entry->path(), ignored);
  }
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  temporary_ = temporary_name(target_);
  descriptor_ =
      Descriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (descriptor() < 0) throw_not_created(target_, errno);
}

AtomicFile::~AtomicFile() {
  descriptor_.close();
  std::error_code ignored;
  if (!published_) fs::remove(temporary_, ignored);
}

void AtomicFile::write(std::string_view bytes, std::uint64_t offset) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written =
        ::pwrite(descriptor(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written > 0) {
      done += static_cast<std::size_t>(written);
      continue;
    }
    const int reason = written < 0 ? errno : EIO;
    // Free space is told without it.
    [[maybe_unused]] const int emptied = ::ftruncate(descriptor(), 0);
    refuse(target_, reason, offset + bytes.size());
  }
}

void AtomicFile::publish(const std::function<void()>& check) {
  check_folder_of(target_);
  sync(descriptor(), target_);
  struct stat ours {
  }, there{};
  if (::fstat(descriptor(), &ours) != 0 || ::lstat(temporary_.c_str(), &there) != 0 ||
      ours.st_dev != there.st_dev || ours.st_ino != there.st_ino) {
    check_folder_of(target_);
    throw Error(ErrorKind::output, "{}: cannot be put in place: another program took its temporary file {}",
                target_.string(), temporary_.filename().string());
  }
  FolderLock::check_held_for(target_);
  if (check) check();
  std::error_code failure;
  fs::rename(temporary_, target_, failure);
  if (failure) {
    check_folder_of(target_);
    throw Error(ErrorKind::output, "{}: cannot be put in place: {}", target_.string(), failure.message());
  }
  published_ = true;
  sync_folder_of(target_);
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

fs::path temporary_name(const fs::path& target) {
  return folder_of(target) /
         fmt::format("{}{}.{}.{}.tmp", temporary_prefix(target), random_text(), host_name(), ::getpid());
}

void remove_leftovers(const fs::path& folder) {
  remove_leftovers(folder, [](const std::string&) { return true; });
}

void remove_leftovers_of(const fs::path& file) {
  // The whole form, as other programs have hidden files of their own beside the user's.
  static const std::regex rest(R"([0-9a-f]{16}\..+\.\d{1,9}\.tmp)");
  const std::string prefix = temporary_prefix(file);
  remove_leftovers(folder_of(file), [&](const std::string& name) {
    return name.starts_with(prefix) && std::regex_match(name.substr(prefix.size()), rest);
  });
}

void check_folder_of(const fs::path& file) {
  std::error_code failure;
  if (fs::status(folder_of(file), failure).type() != fs::file_type::not_found) return;
  throw Error(
      ErrorKind::output,
      "{}: there is no such folder, or no longer, to write {} to. Put it back and run again, or choose "
      "another with --out.",
      folder_of(file).string(), file.filename().string());
}

std::uintmax_t free_space(const fs::path& path) {
  std::error_code failure;
  return fs::space(folder_of(path), failure).available;
}

std::string size_text(std::uintmax_t bytes) {
  constexpr std::array<const char*, 5> units = {"B", "kB", "MB", "GB", "TB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1000 && unit + 1 < units.size(); ++unit) amount /= 1000;
  return fmt::format("{:.3g} {}", amount, units[unit]);
}

std::optional<std::string> read_file(const fs::path& file) {
  std::error_code unseen;
  std::ifstream stream(file, std::ios::binary | std::ios::ate);
  if (!stream || !fs::is_regular_file(file, unseen)) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(stream.tellg()), '\0');
  stream.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return stream ? std::optional(std::move(bytes)) : std::nullopt;
}

void write_file(const fs::path& target, std::string_view bytes, const std::function<void()>& check) {
  AtomicFile file(target);
  file.write(bytes);
  file.publish(check);
}

void create_folders(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) refuse_folder(folder, failure);
}

void create_folders_below(const fs::path& base, const fs::path& folder) {
  fs::path at = base;
  for (const fs::path& name : folder.lexically_relative(base)) {
    at /= name;
    std::error_code failure;
    fs::create_directory(at, failure);
    if (!failure) continue;
    check_folder_of(at);
    refuse_folder(at, failure);
  }
}

}  // namespace rnn_rates
