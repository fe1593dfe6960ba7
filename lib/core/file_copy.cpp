#include "core/file_copy.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace rnn_rates {
namespace {

constexpr std::size_t piece_bytes = std::size_t{8} << 20;

[[noreturn]] void refuse(const FileGuard& original, const std::string& why) {
  throw Error(ErrorKind::output, "{}: {}. The file is as it was.", original.file().string(), why);
}

/// FS_IOC_GETFLAGS; 0 where the file system has none.
unsigned flags_of(int descriptor) {
  unsigned flags = 0;
  return ::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0 ? flags : 0;
}

/// Those that a user sets (chattr); the others tell how the file is stored.
constexpr unsigned kept_flags = FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_NODUMP_FL |
                                FS_NOATIME_FL | FS_NOCOMP_FL | FS_NOCOW_FL | FS_JOURNAL_DATA_FL |
                                FS_NOTAIL_FL;

void keep_flags(const FileGuard& original, const AtomicFile& copy) {
  const unsigned wanted = flags_of(original.descriptor()) & kept_flags;
  unsigned flags = flags_of(copy.descriptor());
  if ((flags & kept_flags) == wanted) return;
  flags = (flags & ~kept_flags) | wanted;
  if (::ioctl(copy.descriptor(), FS_IOC_SETFLAGS, &flags) != 0 ||
      (flags_of(copy.descriptor()) & kept_flags) != wanted)
    refuse(original, "a copy of it cannot get its flags (lsattr)");
}

/// Names of extended attributes; none where the file system has none.
std::set<std::string> attributes_of(int descriptor, const FileGuard& original) {
  std::vector<char> names(1 << 16);
  const ssize_t size = ::flistxattr(descriptor, names.data(), names.size());
  if (size < 0 && errno == ENOTSUP) return {};
  if (size < 0)
    refuse(original, fmt::format("its extended attributes cannot be read: {}", std::strerror(errno)));
  std::set<std::string> found;
  for (const char* name = names.data(); name < names.data() + size; name += std::strlen(name) + 1)
    found.emplace(name);
  return found;
}

std::string attribute_of(int descriptor, const std::string& name, const FileGuard& original) {
  std::string value(1 << 16, '\0');
  const ssize_t size = ::fgetxattr(descriptor, name.c_str(), value.data(), value.size());
  if (size < 0)
    refuse(original, fmt::format("its attribute {} cannot be read: {}", name, std::strerror(errno)));
  value.resize(static_cast<std::size_t>(size));
  return value;
}

void keep_attributes(const FileGuard& original, const AtomicFile& copy) {
  const std::set<std::string> wanted = attributes_of(original.descriptor(), original);
  std::set<std::string> there = attributes_of(copy.descriptor(), original);
  for (const std::string& name : there) {
    // Such as an access list that the folder gives to new files.
    if (!wanted.contains(name) && ::fremovexattr(copy.descriptor(), name.c_str()) != 0)
      refuse(original, fmt::format("a copy of it does not get rid of {}: {}", name, std::strerror(errno)));
  }
  for (const std::string& name : wanted) {
    const std::string value = attribute_of(original.descriptor(), name, original);
    if (there.contains(name) && attribute_of(copy.descriptor(), name, original) == value) continue;
    if (::fsetxattr(copy.descriptor(), name.c_str(), value.data(), value.size(), 0) != 0) {
      refuse(original,
             fmt::format("a copy of it cannot get its attribute {}: {}. Publish as its owner, or take "
                         "the attribute away first",
                         name, std::strerror(errno)));
    }
  }
}

std::size_t read_piece(const FileGuard& original, int descriptor, std::uint64_t offset,
                       std::vector<char>& piece) {
  std::size_t size = 0;
  while (size < piece.size()) {
    const ssize_t got =
        ::pread(descriptor, piece.data() + size, piece.size() - size, static_cast<off_t>(offset + size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw Error(ErrorKind::input, "{}: cannot be read: {}", original.file().string(), std::strerror(errno));
    }
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  return size;
}

/// Shares the blocks, and looks whether the copy is one.
bool clone(const FileGuard& original, const AtomicFile& copy, const std::function<void()>& between) {
  if (::ioctl(copy.descriptor(), FICLONE, original.descriptor()) != 0) return false;
  struct stat made {};
  if (::fstat(copy.descriptor(), &made) != 0 || made.st_size != original.status().st_size) return false;
  std::vector<char> mine(piece_bytes), theirs(piece_bytes);
  const auto size = static_cast<std::uint64_t>(original.status().st_size);
  for (std::uint64_t offset = 0; offset < size; offset += piece_bytes) {
    between();
    const std::size_t bytes = read_piece(original, original.descriptor(), offset, theirs);
    if (read_piece(original, copy.descriptor(), offset, mine) != bytes ||
        std::memcmp(mine.data(), theirs.data(), bytes) != 0)
      return false;
  }
  return true;
}

/// Writes the parts of a piece that are not all zeros, or all of it.
void write_piece(AtomicFile& copy, std::string_view piece, std::uint64_t offset, bool sparse) {
  constexpr std::size_t block = 4096;
  if (!sparse) return copy.write(piece, offset);
  for (std::size_t at = 0; at < piece.size(); at += block) {
    const std::string_view part = piece.substr(at, block);
    if (part.find_first_not_of('\0') != std::string_view::npos) copy.write(part, offset + at);
  }
}

/// Starts writing a piece to disk and waits for the one before it.
void push_to_disk(const FileGuard& original, const AtomicFile& copy, std::uint64_t offset) {
  const auto push = [&](std::uint64_t from, unsigned how) {
    return ::sync_file_range(copy.descriptor(), static_cast<off64_t>(from), static_cast<off64_t>(piece_bytes),
                             how) == 0;
  };
  constexpr unsigned to_the_end =
      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  if (push(offset, SYNC_FILE_RANGE_WRITE) && (offset < piece_bytes || push(offset - piece_bytes, to_the_end)))
    return;
  // A failure that was told here is not told again by fsync().
  if (errno == EIO || errno == ENOSPC || errno == EDQUOT)
    refuse(original, fmt::format("a copy of it cannot be written to disk: {}", std::strerror(errno)));
}

void check_room(const FileGuard& original) {
  const struct stat& status = original.status();
  const auto need = static_cast<std::uintmax_t>(std::min<off_t>(status.st_size, status.st_blocks * 512));
  if (free_space(original.file()) >= need) return;
  refuse(original, fmt::format("no room for a copy of it beside it: needs {}, {} free", size_text(need),
                               size_text(free_space(original.file()))));
}

}  // namespace

void check_replaceable(const FileGuard& original) {
  const struct stat& status = original.status();
  if (::access(original.file().c_str(), W_OK) != 0)
    refuse(original, fmt::format("is read-only: {}", std::strerror(errno)));
  if ((flags_of(original.descriptor()) & (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_VERITY_FL)) != 0)
    refuse(original,
           "is protected against changes (lsattr). Take that away first (chattr -ia), or keep the rates in "
           "rates.h5");
  if (status.st_nlink > 1) {
    refuse(original,
           fmt::format("has {} names (hard links), and the others would keep the file without the rates. "
                       "Make it a file of its own (cp), or keep the rates in rates.h5",
                       status.st_nlink));
  }
}

void keep_properties(const FileGuard& original, const AtomicFile& copy) {
  const struct stat& wanted = original.status();
  keep_flags(original, copy);
  struct stat made {};
  if (::fstat(copy.descriptor(), &made) != 0) refuse(original, "a copy of it cannot be looked at");
  if ((made.st_uid != wanted.st_uid || made.st_gid != wanted.st_gid) &&
      ::fchown(copy.descriptor(), wanted.st_uid, wanted.st_gid) != 0) {
    refuse(original,
           fmt::format("belongs to user {}, group {}, which a copy of it cannot be given to: {}. Let its "
                       "owner publish, or keep the rates in rates.h5",
                       wanted.st_uid, wanted.st_gid, std::strerror(errno)));
  }
  keep_attributes(original, copy);
  if (::fchmod(copy.descriptor(), wanted.st_mode & 07777) != 0 || ::fstat(copy.descriptor(), &made) != 0 ||
      made.st_mode != wanted.st_mode)
    refuse(original, "a copy of it cannot get its access rights");
}

void copy_bytes(const FileGuard& original, AtomicFile& copy, const std::function<void()>& between) {
  if (clone(original, copy, between)) return;
  check_room(original);
  const auto size = static_cast<std::uint64_t>(original.status().st_size);
  if (::ftruncate(copy.descriptor(), 0) != 0 ||
      ::ftruncate(copy.descriptor(), original.status().st_size) != 0)
    refuse(original, fmt::format("no copy of it can be made beside it: {}", std::strerror(errno)));
  const bool sparse = static_cast<std::uint64_t>(original.status().st_blocks) * 512 < size;
  std::vector<char> piece(piece_bytes);
  for (std::uint64_t offset = 0; offset < size;) {
    between();
    const std::size_t bytes = read_piece(original, original.descriptor(), offset, piece);
    if (bytes == 0) refuse(original, "became shorter while it was copied");
    write_piece(copy, {piece.data(), bytes}, offset, sparse);
    push_to_disk(original, copy, offset);
    offset += bytes;
  }
}

}  // namespace rnn_rates
