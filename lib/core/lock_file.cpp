#include "core/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>

#include "core/atomic_file.hpp"
#include "core/descriptor.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;

LockHolder read_holder(int descriptor) {
  std::string text(4096, '\0');
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  std::istringstream stream(text);
  LockHolder holder;
  for (std::string* line : {&holder.job, &holder.host, &holder.process, &holder.since, &holder.machine})
    std::getline(stream, *line);
  return holder;
}

}  // namespace

std::string LockHolder::text() const {
  return job + "\n" + host + "\n" + process + "\n" + since + "\n" + machine + "\n";
}

std::string LockHolder::description() const {
  return fmt::format("process {} on {} since {}", process.substr(0, process.find(' ')), host, since);
}

int LockHolder::process_number() const {
  int number = 0;
  std::from_chars(process.data(), process.data() + process.size(), number);
  return number;
}

int open_lock(const fs::path& file, int flags) {
  return ::open(file.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
}

bool is_same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool is_same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

std::chrono::milliseconds age(const fs::path& file, const timespec& then) {
  const fs::path probe = temporary_name(file);
  const int descriptor = open_lock(probe, O_WRONLY | O_CREAT | O_EXCL);
  struct stat now {};
  const bool known = descriptor >= 0 && ::write(descriptor, "now", 3) == 3 && ::fstat(descriptor, &now) == 0;
  if (descriptor >= 0) {
    ::close(descriptor);
    ::unlink(probe.c_str());
  }
  return std::chrono::seconds(known ? now.st_mtim.tv_sec - then.tv_sec : 0);
}

FoundLock::FoundLock(const fs::path& file) {
  // Opened, not only looked at: a network file system then asks its server.
  const Descriptor opened(open_lock(file, O_RDONLY));
  if (opened.get() < 0) {
    there = errno != ENOENT && ::lstat(file.c_str(), &status) == 0;
    return;
  }
  there = readable = ::fstat(opened.get(), &status) == 0;
  holder = read_holder(opened.get());
  in_use = ::flock(opened.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string FoundLock::description() const {
  if (!readable) return fmt::format("user {}, whose lock cannot be read", status.st_uid);
  return holder.complete() ? holder.description() : "";
}

void FoundLock::take_away(const fs::path& file) const {
  const Descriptor opened(open_lock(file, O_RDONLY));
  // Of several processes that find it lost, one is the first to take it away.
  const bool another_is_first =
      opened.get() >= 0 && ::flock(opened.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK && !in_use;
  const fs::path aside = temporary_name(file);
  if (!another_is_first && is_still(file) && ::rename(file.c_str(), aside.c_str()) == 0) {
    if (!is_still(aside)) [[maybe_unused]]
      const int back = ::link(aside.c_str(), file.c_str());
    ::unlink(aside.c_str());
  }
}

bool FoundLock::is_still(const fs::path& file) const {
  struct stat now {};
  return ::lstat(file.c_str(), &now) == 0 && is_same_file(now, status) &&
         is_same_time(now.st_mtim, status.st_mtim);
}

}  // namespace rnn_rates
