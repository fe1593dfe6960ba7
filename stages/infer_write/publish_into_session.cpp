#include "infer_write/publish_into_session.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/atomic_file.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "h5/attribute.hpp"
#include "h5/dataset.hpp"

namespace rnn_rates::infer_write {
namespace {

namespace fs = std::filesystem;

const std::string group = "/rnn_output";
/// Attribute of /rnn_output in a session file: content digest of the rates.h5 that it was copied from.
const char* const source_attribute = "rnn_rates_content_digest";

struct Descriptor {
  int value;
  explicit Descriptor(int descriptor) : value(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

[[noreturn]] void throw_failed(const fs::path& file, const char* what) {
  throw Error(ErrorKind::output, "{}: {}: {}. The file is as it was.", file.string(), what,
              std::strerror(errno));
}

struct stat status_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) throw_failed(file, "cannot be read");
  return status;
}

void check_room(const fs::path& session_file, off_t size) {
  const auto need = static_cast<std::uintmax_t>(size);
  if (free_space(session_file) >= need) return;
  throw Error(ErrorKind::output,
              "{}: no room for a copy of it beside it: needs {}, {} free. The file is as it was.",
              session_file.string(), size_text(need), size_text(free_space(session_file)));
}

void copy_bytes(const fs::path& from, const Descriptor& source, const Descriptor& target, off_t size) {
  if (::ioctl(target.value, FICLONE, source.value) == 0) return;
  check_room(from, size);
  for (off_t left = size; left > 0;) {
    const ssize_t copied =
        ::copy_file_range(source.value, nullptr, target.value, nullptr, static_cast<std::size_t>(left), 0);
    if (copied > 0) {
      left -= copied;
      continue;
    }
    if (copied == 0 || (errno != EXDEV && errno != ENOSYS && errno != EINVAL))
      throw_failed(from, "cannot be copied");
    // This file system cannot copy by itself.
    if (::lseek(source.value, 0, SEEK_SET) != 0 || ::lseek(target.value, 0, SEEK_SET) != 0) {
      throw_failed(from, "cannot be copied");
    }
    std::vector<char> buffer(std::size_t{1} << 20);
    for (ssize_t got; (got = ::read(source.value, buffer.data(), buffer.size())) != 0;) {
      if (got < 0 || ::write(target.value, buffer.data(), static_cast<std::size_t>(got)) != got) {
        throw_failed(from, "cannot be copied");
      }
    }
    return;
  }
}

/// Reserves what the edit of the copy will add, as HDF5 crashes where H5Ocopy meets a full disk; closing the
/// file gives the rest back.
void reserve_room(const fs::path& session_file, const Descriptor& copy, off_t size) {
  const int failure = ::posix_fallocate(copy.value, 0, size);
  if (failure == 0) return;
  errno = failure;
  throw_failed(session_file, "no room for a copy of it with the rates beside it");
}

/// Copies `from`, of state `status`, and reserves `room` bytes more.
void copy_file(const fs::path& from, const fs::path& to, const struct stat& status, std::uintmax_t room) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.value < 0) throw_failed(from, "cannot be read");
  const Descriptor target(
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 07777));
  if (target.value < 0) throw_failed(to, "cannot be created");
  copy_bytes(from, source, target, status.st_size);
  reserve_room(from, target, status.st_size + static_cast<off_t>(room));
  // Rights that the caller may not give away stay the caller's own.
  [[maybe_unused]] const int owner = ::fchown(target.value, status.st_uid, status.st_gid);
  if (::fchmod(target.value, status.st_mode & 07777) != 0) throw_failed(to, "cannot get its access rights");
}

void replace_group(const fs::path& copy, const artifact::Opened& rates) {
  try {
    h5::File file = h5::File::open_edit(copy);
    h5::remove(file, group);
    h5::copy(rates.file, group, file, group);
    h5::write_attribute(file, group, source_attribute, rates.header.content_digest);
    file.flush();
    file.close();
  } catch (const Error& error) {
    throw Error(ErrorKind::output, "{}: cannot be written ({} free): {}. The session's file is as it was.",
                copy.string(), size_text(free_space(copy)), error.what());
  }
}

std::string values_digest(const h5::File& file) {
  Digest digest;
  for (const std::string& object : h5::datasets_below(file, group)) h5::add_to_digest(file, object, digest);
  return digest.hex();
}

bool same_file_state(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

bool is_published(const fs::path& session_file, const artifact::Opened& rates, h5::Reach reach) {
  const h5::File file = h5::File::open_read(session_file, reach);
  return h5::exists(file, group) && h5::has_attribute(file, group, source_attribute) &&
         h5::read_text_attribute(file, group, source_attribute) == rates.header.content_digest;
}

void verify_published(const fs::path& session_file, const artifact::Opened& rates, h5::Reach reach) {
  const h5::File file = h5::File::open_read(session_file, reach);
  if (values_digest(file) == values_digest(rates.file)) return;
  throw Error(ErrorKind::input,
              "{}: its values are not those that were published. Run infer_write --publish --force again.",
              file.where(group));
}

void publish_into_session(const fs::path& session_file, const artifact::Opened& rates) {
  // A link stays a link: what it points to is replaced.
  const fs::path target = fs::canonical(session_file);
  const struct stat before = status_of(target);
  if (::access(target.c_str(), W_OK) != 0) throw_failed(target, "is read-only");
  remove_leftovers(target.parent_path());
  AtomicFile copy(target);
  constexpr std::uintmax_t metadata_bytes = 1 << 20;
  copy_file(target, copy.temporary(), before, fs::file_size(rates.file.path()) + metadata_bytes);
  replace_group(copy.temporary(), rates);
  copy.publish([&] {
    if (same_file_state(before, status_of(target))) return;
    throw Error(ErrorKind::output,
                "{}: another program changed it meanwhile. Nothing was published; run again.",
                target.string());
  });
}

}  // namespace rnn_rates::infer_write
