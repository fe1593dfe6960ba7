#include "core/folder_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/descriptor.hpp"
#include "core/error.hpp"
#include "core/host.hpp"
#include "core/limits.hpp"
#include "core/lock_file.hpp"
#include "core/log.hpp"
#include "core/stop.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string lock_name = ".rnn_rates.lock";
/// A lock that does not say who has it: its process is about to, or has gone.
constexpr milliseconds unfinished_after = 30s;
constexpr milliseconds unfinished_at_most = 60s;

/// The locks beside the main one, which further processes of one job have; none where the folder has gone.
/// Throws Error(output) where they cannot be listed.
std::vector<fs::path> locks_of_processes(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    // Earlier versions had files of these names for a moment.
    const bool helper_file =
        name.find(".now.") != std::string::npos || name.find(".lost.") != std::string::npos;
    if (name.starts_with(lock_name + ".") && !helper_file) files.push_back(entry->path());
  }
  if (!failure || failure == std::errc::no_such_file_or_directory) return files;
  check_limits(failure.value(), folder.string());
  throw Error(ErrorKind::output, "{}: this folder cannot be listed: {}", folder.string(), failure.message());
}

/// The locks that this process holds.
std::mutex held_mutex;
std::vector<const FolderLock*> held;

}  // namespace

FolderLock::FolderLock(fs::path folder, std::string job, LockTimes times)
    : folder_(std::move(folder)), job_(std::move(job)), times_(times) {}

FolderLock::FolderLock(fs::path folder, std::string job, bool wait, LockTimes times)
    : FolderLock(std::move(folder), std::move(job), times) {
  create_folder();
  // A folder that has gone meanwhile is not one without the right to write.
  if (::access(folder_.c_str(), W_OK | X_OK) != 0 && errno != ENOENT) return;

  bool waiting = false;
  auto understood = steady_clock::now();
  milliseconds pause(10);
  for (std::string holder; !try_lock(holder);) {
    if (stop_requested()) {
      throw Error(ErrorKind::stopped, "{}: stopped by {} while waiting for {}", folder_.string(),
                  stop_reason(), holder.empty() ? "its lock" : holder);
    }
    const auto now = steady_clock::now();
    if (holder.empty()) {
      if (now - understood > unfinished_at_most) {
        throw Error(ErrorKind::output, "{}: {} names no owner: delete it if nothing is running there.",
                    folder_.string(), lock_name);
      }
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, milliseconds(200));
      create_folder();
      continue;
    }
    if (!wait) {
      throw Error(ErrorKind::output, "{}: another run works there: {}. Wait for it with --wait, or stop it.",
                  folder_.string(), holder);
    }
    if (!waiting) spdlog::info("{}: waiting for another run: {}", folder_.string(), holder);
    waiting = true;
    understood = now;
    std::this_thread::sleep_for(200ms);
  }
  renewal_ = std::jthread([this](const std::stop_token& end) { renew(end); });
  const std::lock_guard guard(held_mutex);
  held.push_back(this);
}

FolderLock::~FolderLock() {
  {
    const std::lock_guard guard(held_mutex);
    std::erase(held, this);
  }
  renewal_ = {};
  // Halted for so long that another run took over, this one has nothing to give back.
  if (!mine_.empty() && is_mine()) ::unlink(mine_.c_str());
  // rmdir leaves a folder with anything in it alone.
  if (descriptor_ >= 0) ::close(descriptor_);
  if (created_folder_) ::rmdir(folder_.c_str());
}

void FolderLock::check_held_for(const fs::path& file) {
  const std::lock_guard guard(held_mutex);
  for (const FolderLock* lock : held) {
    const fs::path& folder = lock->folder_;
    if (std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first != folder.end()) continue;
    if (lock->mine_.empty() || lock->is_mine()) continue;
    check_folder_of(lock->mine_);
    throw Error(ErrorKind::output,
                "{}: another run took this folder's lock over while this one was halted, or the lock was "
                "removed. {} was not written; run again.",
                folder.string(), file.filename().string());
  }
}

bool FolderLock::is_mine() const {
  struct stat ours {
  }, there{};
  // Opened, not only looked at: a network file system then asks its server.
  const Descriptor opened(open_lock(mine_, O_RDONLY));
  const bool found =
      (opened.get() >= 0 ? ::fstat(opened.get(), &there) : ::lstat(mine_.c_str(), &there)) == 0;
  return found && ::fstat(descriptor_, &ours) == 0 && is_same_file(ours, there);
}

void FolderLock::create_folder() {
  std::error_code unseen;
  if (!fs::exists(folder_, unseen)) created_folder_ = true;
  create_folders(folder_);
}

bool FolderLock::create(const fs::path& file) {
  const std::string text =
      LockHolder{job_, host_name(), process_identity(::getpid()), utc_now(), machine_identity()}.text();
  const int descriptor = open_lock(file, O_RDWR | O_CREAT | O_EXCL);
  if (descriptor < 0) {
    if (errno == EEXIST || errno == ENOENT) return false;
    check_limits(errno, file.string());
    throw Error(ErrorKind::output, "{}: cannot be created: {}", file.string(), std::strerror(errno));
  }
  // Others have to read it whatever the umask. Nobody else has it locked but to look, for a moment.
  [[maybe_unused]] const int readable = ::fchmod(descriptor, 0644);
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) break;
    std::this_thread::sleep_for(1ms);
  }
  bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  int reason = errno;
  // NFS may tell of a full disk only when a descriptor is closed.
  if (const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); written && copy >= 0) {
    written = ::close(copy) == 0;
    reason = errno;
  }
  if (written) {
    descriptor_ = descriptor;
    return true;
  }
  ::unlink(file.c_str());
  ::close(descriptor);
  throw Error(ErrorKind::output, "{}: cannot be written: {}", file.string(), std::strerror(reason));
}

bool FolderLock::try_lock(std::string& holder) {
  holder.clear();
  const fs::path main = folder_ / lock_name;
  if (another_job_stays(holder)) return false;
  if (create(main)) {
    mine_ = main;
    // A process of another job may have joined its first one, which left, since that look: whoever sees the
    // other's lock after making its own takes its own back.
    return !another_job_stays(holder) || take_back();
  }
  const FoundLock first(main);
  if (first.readable && first.holder.job == job_) return join(main);
  if (first.there) take_away_or_name(main, first, holder);
  return false;
}

bool FolderLock::another_job_stays(std::string& holder) {
  for (const fs::path& file : locks_of_processes(folder_)) {
    const FoundLock other(file);
    if (!other.there || (other.readable && other.holder.job == job_)) continue;
    take_away_or_name(file, other, holder);
    if (FoundLock(file).there) return true;
  }
  return false;
}

void FolderLock::take_away_or_name(const fs::path& file, const FoundLock& found, std::string& holder) {
  switch (judge(file, found)) {
    case Verdict::lost:
      return found.take_away(file);
    case Verdict::held:
      holder = found.description();
      return;
    case Verdict::unclear:
      return;
  }
}

FolderLock::Verdict FolderLock::judge(const fs::path& file, const FoundLock& found) {
  const LockHolder& holder = found.holder;
  const bool of_this_machine = holder.host == host_name() && !holder.process.empty() &&
                               (holder.machine.empty() || holder.machine == machine_identity());
  const bool processes_are_shown = !process_identity(::getpid()).empty();
  if (holder.complete() && of_this_machine && processes_are_shown && !is_hidden(holder.process_number())) {
    if (process_identity(holder.process_number()) == holder.process) return Verdict::held;
    if (!found.in_use) return Verdict::lost;
  }
  return judge_by_age(file, found);
}

FolderLock::Verdict FolderLock::judge_by_age(const fs::path& file, const FoundLock& found) {
  const auto now = steady_clock::now();
  Sighting& sighting = sightings_[file];
  if (sighting.number != found.status.st_ino || !is_same_time(sighting.renewed, found.status.st_mtim))
    sighting = {found.status.st_ino, found.status.st_mtim, now};
  const auto watched = now - sighting.since;
  if (watched > times_.lost_after) return Verdict::lost;
  const bool unfinished = found.readable && !found.holder.complete();
  const Verdict if_young = unfinished ? Verdict::unclear : Verdict::held;
  const milliseconds old = age(file, found.status.st_mtim);
  if (old < -times_.lost_after) {
    // From a clock that was wrong: it counts from now on. Its process, if it lives, renews it anyway.
    ::utimensat(AT_FDCWD, file.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
    return if_young;
  }
  if (old <= (unfinished && !found.in_use ? unfinished_after : times_.lost_after)) return if_young;
  return watched > times_.watched ? Verdict::lost : Verdict::unclear;
}

bool FolderLock::join(const fs::path& main) {
  const fs::path own = folder_ / fmt::format("{}.{}.{}", lock_name, host_name(), ::getpid());
  if (!create(own)) {
    if (!fs::exists(own)) return false;
    throw Error(ErrorKind::bug, "{}: locked twice by one process", own.string());
  }
  mine_ = own;
  const FoundLock first(main);
  return (first.there && first.holder.job == job_) || take_back();
}

bool FolderLock::take_back() {
  ::unlink(mine_.c_str());
  mine_.clear();
  ::close(descriptor_);
  descriptor_ = -1;
  return false;
}

void FolderLock::renew(const std::stop_token& end) const {
  std::mutex mutex;
  std::condition_variable_any sleep;
  // cppcheck-suppress localMutex; it guards nothing, waiting asks for one
  std::unique_lock lock(mutex);
  // By the descriptor: another's lock of the same name is not this one's to renew.
  while (!sleep.wait_for(lock, end, times_.renewal, [&] { return end.stop_requested(); }))
    ::futimens(descriptor_, nullptr);
}

}  // namespace rnn_rates
