#include "core/file_guard.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/error.hpp"
#include "core/limits.hpp"
#include "core/lock_file.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;

/// Of the lease that is held, and -1 once another program has asked to write.
std::atomic<int> leased_descriptor{-1};

/// The kernel holds up a program that opens the file for writing until the lease is given back.
void give_lease_back(int) {
  const int reason = errno;
  if (const int descriptor = leased_descriptor.exchange(-1); descriptor >= 0)
    ::fcntl(descriptor, F_SETLEASE, F_UNLCK);
  errno = reason;
}

[[noreturn]] void throw_in_use(const fs::path& file) {
  throw Error(ErrorKind::input, "{}: another program has it open for writing. Run again when that is done.",
              file.string());
}

/// File systems of this machine alone: a lease that is refused there tells of a writer. Others refuse for
/// reasons of their own.
bool is_local(int descriptor) {
  constexpr std::array<unsigned long, 8> local = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,  BTRFS_SUPER_MAGIC,
                                                  TMPFS_MAGIC,      F2FS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC,
                                                  0x2fc12fc1,       0xca451a4e};  // ZFS, bcachefs
  struct statfs system {};
  if (::fstatfs(descriptor, &system) != 0) return false;
  return std::find(local.begin(), local.end(), static_cast<unsigned long>(system.f_type)) != local.end();
}

bool is_same(const struct stat& a, const struct stat& b) {
  return is_same_file(a, b) && a.st_size == b.st_size && is_same_time(a.st_mtim, b.st_mtim) &&
         is_same_time(a.st_ctim, b.st_ctim);
}

}  // namespace

FileGuard::FileGuard(fs::path file) : file_(std::move(file)) {
  descriptor_ = Descriptor(::open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (descriptor() < 0) {
    check_limits(errno, file_.string());
    throw Error(ErrorKind::input, "{}: cannot be opened: {}", file_.string(), std::strerror(errno));
  }
  if (::fstat(descriptor(), &status_) != 0 || !S_ISREG(status_.st_mode))
    throw Error(ErrorKind::input, "{}: is not a plain file", file_.string());
  lock();
  take_lease();
}

FileGuard::~FileGuard() {
  if (!leased_) return;
  leased_descriptor = -1;
  ::fcntl(descriptor(), F_SETLEASE, F_UNLCK);
  ::sigaction(SIGIO, &earlier_action_, nullptr);
}

/// Without locks, as some file systems are, there is nothing to see.
void FileGuard::lock() const {
  // HDF5's locks.
  if (::flock(descriptor(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) throw_in_use(file_);
  struct flock whole {};
  whole.l_type = F_RDLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor(), F_OFD_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES))
    throw_in_use(file_);
}

void FileGuard::take_lease() {
  struct sigaction action {};
  action.sa_handler = give_lease_back;
  action.sa_flags = SA_RESTART;
  if (::sigaction(SIGIO, &action, &earlier_action_) != 0) return;
  leased_descriptor = descriptor();
  leased_ = ::fcntl(descriptor(), F_SETLEASE, F_RDLCK) == 0;
  if (leased_) return;
  const int reason = errno;
  leased_descriptor = -1;
  ::sigaction(SIGIO, &earlier_action_, nullptr);
  if (reason == EAGAIN && is_local(descriptor())) throw_in_use(file_);
}

void FileGuard::check_untouched() const {
  struct stat now {};
  if (::stat(file_.c_str(), &now) != 0 || !is_same(now, status_)) {
    throw Error(ErrorKind::output,
                "{}: another program changed it meanwhile. Nothing was published; run again.",
                file_.string());
  }
  if (leased_ && leased_descriptor < 0) {
    throw Error(ErrorKind::output,
                "{}: another program opened it for writing meanwhile. Nothing was published; run again.",
                file_.string());
  }
}

}  // namespace rnn_rates
