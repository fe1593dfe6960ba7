#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <regex>
#include <system_error>

#include "core/error.hpp"
#include "core/host.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Writes `path`, which is `target`'s temporary file or its folder, to disk.
void sync_path(const fs::path& path, int flags, const fs::path& target) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool failed = descriptor < 0 || ::fsync(descriptor) != 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  // Some network file systems cannot sync a folder and say EINVAL; the rename is all there is then.
  if (!failed || reason == EINVAL) return;
  check_folder_of(target);
  throw Error(ErrorKind::output, "{}: cannot be written to disk: {}", path.string(), std::strerror(reason));
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

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  const fs::path folder = folder_of(target_);
  temporary_ = folder / fmt::format(".{}.{}.{}.tmp", target_.filename().string(), host_name(), ::getpid());
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    const int reason = errno;
    check_folder_of(target_);
    throw Error(ErrorKind::output, "{}: cannot write in this folder: {}. Choose another with --out.",
                folder.string(), std::strerror(reason));
  }
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (!published_) fs::remove(temporary_, ignored);
}

void AtomicFile::write(std::string_view bytes) {
  std::ofstream stream(temporary_, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (stream) return;
  const int reason = errno;
  // Free space is told without it.
  std::error_code ignored;
  fs::remove(temporary_, ignored);
  refuse(target_, reason, bytes.size());
}

void AtomicFile::reserve(std::size_t bytes) {
  if (bytes == 0) return;
  const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CLOEXEC);
  int reason = errno;
  if (descriptor >= 0) {
    reason = ::posix_fallocate(descriptor, ::lseek(descriptor, 0, SEEK_END), static_cast<off_t>(bytes));
    ::close(descriptor);
  }
  if (reason != 0) refuse(target_, reason, bytes);
}

void AtomicFile::publish(const std::function<void()>& check) {
  check_folder_of(target_);
  sync_path(temporary_, O_RDONLY, target_);
  if (check) check();
  std::error_code failure;
  fs::rename(temporary_, target_, failure);
  if (failure) {
    check_folder_of(target_);
    throw Error(ErrorKind::output, "{}: cannot be put in place: {}", target_.string(), failure.message());
  }
  published_ = true;
  sync_path(folder_of(target_), O_RDONLY | O_DIRECTORY, target_);
}

void remove_leftovers(const fs::path& folder) {
  static const std::regex temporary_name(R"(\..+\.([^.]+(?:\..+)?)\.(\d{1,9})\.tmp)");
  std::error_code failure, ignored;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::smatch parts;
    if (!name.ends_with(".tmp") || !std::regex_match(name, parts, temporary_name)) continue;
    const std::string ours = fmt::format(".{}.{}.tmp", host_name(), parts[2].str());
    const bool here = name.ends_with(ours);
    const bool gone =
        here && !is_hidden(std::stoi(parts[2]))
            ? process_identity(std::stoi(parts[2])).empty()
            : fs::file_time_type::clock::now() - entry->last_write_time(ignored) > std::chrono::hours(24);
    if (gone) fs::remove(entry->path(), ignored);
  }
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

void write_file(const fs::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.publish();
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
