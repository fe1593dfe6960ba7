#include "core/folder_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/host.hpp"
#include "core/log.hpp"
#include "core/stop.hpp"

namespace rnn_rates {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::string lock_name = ".rnn_rates.lock";
constexpr std::chrono::seconds renewal_interval = 30s;
constexpr std::chrono::seconds lost_after = 5min;
constexpr std::chrono::seconds unfinished_at_most = 2 * renewal_interval;

/// What a lock file says: one line each.
struct Holder {
  std::string job, host, process, since;

  /// False while the file is still being written.
  bool complete() const { return !since.empty(); }
  std::string text() const { return job + "\n" + host + "\n" + process + "\n" + since + "\n"; }
  std::string description() const {
    return fmt::format("process {} on {} since {}", process.substr(0, process.find(' ')), host, since);
  }
};

Holder read_holder(const fs::path& file) {
  std::ifstream stream(file);
  Holder holder;
  std::getline(stream, holder.job);
  std::getline(stream, holder.host);
  std::getline(stream, holder.process);
  std::getline(stream, holder.since);
  return holder;
}

/// Time since the file was renewed by the clock of the folder's file system, which hosts share.
std::chrono::seconds age(const fs::path& file) {
  const fs::path probe = file.string() + ".now." + host_name() + "." + std::to_string(::getpid());
  struct stat then {
  }, now{};
  std::ofstream(probe) << "now";
  const bool known = ::stat(probe.c_str(), &now) == 0 && ::stat(file.c_str(), &then) == 0;
  ::unlink(probe.c_str());
  return std::chrono::seconds(known ? now.st_mtim.tv_sec - then.st_mtim.tv_sec : 0);
}

bool is_lost(const fs::path& file, const Holder& holder) {
  if (!holder.complete()) return age(file) > renewal_interval;
  if (holder.host == host_name()) {
    int process = 0;
    std::from_chars(holder.process.data(), holder.process.data() + holder.process.size(), process);
    if (!is_hidden(process)) return process_identity(process) != holder.process;
  }
  return age(file) > lost_after;
}

/// Takes a lost lock away, unless another process was quicker and put its own there.
void remove_lost(const fs::path& file, const Holder& lost) {
  const fs::path aside = file.string() + ".lost." + host_name() + "." + std::to_string(::getpid());
  if (::rename(file.c_str(), aside.c_str()) != 0) return;
  if (read_holder(aside).text() != lost.text()) [[maybe_unused]]
    const int back = ::link(aside.c_str(), file.c_str());
  ::unlink(aside.c_str());
}

/// The locks beside the main one, which further processes of one job have; none where the folder has gone.
/// Throws Error(output) where they cannot be listed.
std::vector<fs::path> locks_of_processes(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    const bool helper_file =
        name.find(".now.") != std::string::npos || name.find(".lost.") != std::string::npos;
    if (name.starts_with(lock_name + ".") && !helper_file) files.push_back(entry->path());
  }
  if (!failure || failure == std::errc::no_such_file_or_directory) return files;
  throw Error(ErrorKind::output, "{}: this folder cannot be listed: {}", folder.string(), failure.message());
}

}  // namespace

FolderLock::FolderLock(fs::path folder, std::string job) : folder_(std::move(folder)), job_(std::move(job)) {}

FolderLock::FolderLock(fs::path folder, std::string job, bool wait)
    : FolderLock(std::move(folder), std::move(job)) {
  create_folder();
  // A folder that has gone meanwhile is not one without the right to write.
  if (::access(folder_.c_str(), W_OK | X_OK) != 0 && errno != ENOENT) return;
  auto understood = std::chrono::steady_clock::now();
  bool waiting = false;
  for (std::string holder; !try_lock(holder);) {
    if (stop_requested()) {
      throw Error(ErrorKind::stopped, "{}: stopped by {} while waiting for {}", folder_.string(),
                  stop_reason(), holder.empty() ? "its lock" : holder);
    }
    const auto now = std::chrono::steady_clock::now();
    if (holder.empty()) {
      if (now - understood > unfinished_at_most) {
        throw Error(ErrorKind::output,
                    "{}: {} or one of the like does not say who works there. Remove it if nobody does.",
                    folder_.string(), lock_name);
      }
      std::this_thread::sleep_for(10ms);
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
}

FolderLock::~FolderLock() {
  renewal_ = {};
  // Halted for so long that another run took over, this one has nothing to give back.
  if (!mine_.empty() && read_holder(mine_).job != job_) mine_.clear();
  if (!mine_.empty()) ::unlink(mine_.c_str());
  // rmdir leaves a folder with anything in it alone.
  if (created_folder_) ::rmdir(folder_.c_str());
}

void FolderLock::create_folder() {
  std::error_code unseen;
  if (!fs::exists(folder_, unseen)) created_folder_ = true;
  create_folders(folder_);
}

bool FolderLock::create(const fs::path& file) const {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    if (errno == EEXIST || errno == ENOENT) return false;
    throw Error(ErrorKind::output, "{}: cannot be created: {}", file.string(), std::strerror(errno));
  }
  const std::string text = Holder{job_, host_name(), process_identity(::getpid()), utc_now()}.text();
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  int reason = errno;
  // NFS may tell of a full disk only here.
  const bool closed = ::close(descriptor) == 0;
  if (written && closed) return true;
  if (written) reason = errno;
  ::unlink(file.c_str());
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
  const Holder first = read_holder(main);
  if (first.job == job_) return join(main);
  if (is_lost(main, first)) {
    remove_lost(main, first);
  } else if (first.complete()) {
    holder = first.description();
  }
  return false;
}

bool FolderLock::another_job_stays(std::string& holder) const {
  for (const fs::path& file : locks_of_processes(folder_)) {
    const Holder other = read_holder(file);
    if (other.job == job_) continue;
    if (is_lost(file, other)) {
      remove_lost(file, other);
      continue;
    }
    if (other.complete()) holder = other.description();
    return true;
  }
  return false;
}

bool FolderLock::join(const fs::path& main) {
  const fs::path own = folder_ / fmt::format("{}.{}.{}", lock_name, host_name(), ::getpid());
  if (!create(own)) {
    if (!fs::exists(own)) return false;
    throw Error(ErrorKind::bug, "{}: locked twice by one process", own.string());
  }
  mine_ = own;
  return read_holder(main).job == job_ || take_back();
}

bool FolderLock::take_back() {
  ::unlink(mine_.c_str());
  mine_.clear();
  return false;
}

void FolderLock::renew(const std::stop_token& end) const {
  std::mutex mutex;
  std::condition_variable_any sleep;
  // cppcheck-suppress localMutex; it guards nothing, waiting asks for one
  std::unique_lock lock(mutex);
  while (!sleep.wait_for(lock, end, renewal_interval, [&] { return end.stop_requested(); })) {
    ::utimensat(AT_FDCWD, mine_.c_str(), nullptr, 0);
  }
}

}  // namespace rnn_rates
