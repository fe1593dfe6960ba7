#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <thread>

namespace rnn_rates {

struct FoundLock;

/// When a lock counts as one that nobody renews any more.
struct LockTimes {
  std::chrono::milliseconds renewal{5'000};       ///< a lock is renewed this often
  std::chrono::milliseconds lost_after{300'000};  ///< and may be lost once this old
  std::chrono::milliseconds watched{12'000};      ///< and not renewed while it was watched this long
};

/// Keeps other runs out of a folder of results while this one works there. The lock is a file
/// `.rnn_rates.lock`, created exclusively (which NFS does atomically), readable by all, and naming host,
/// process and job; its time is renewed every few seconds. Processes of one job share it: each later one adds
/// `.rnn_rates.lock.HOST.PID`. A lock is taken over at once where its process ran on this machine and is
/// gone, and otherwise where it is five minutes old and is not renewed while it is watched.
class FolderLock {
 public:
  /// `job` is the same text for all processes of one MPI job and differs between jobs. Creates the folder.
  /// Throws Error(output) naming the holder where another job has it, at once or, with `wait`, never: then it
  /// waits, until a stop is requested, which throws Error(stopped). A folder that cannot be written is not
  /// locked.
  FolderLock(std::filesystem::path folder, std::string job, bool wait, LockTimes times = {});
  /// Gives the lock back, and takes the folder away if it was created here and is empty.
  ~FolderLock();
  /// Throws Error(output) where `file` lies in a folder that this process has locked and another run has
  /// taken the lock over, as it may while this process is halted. Called before anything is published.
  static void check_held_for(const std::filesystem::path& file);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  /// A lock of another job as it was when it was first seen like this.
  struct Sighting {
    ino_t number = 0;
    timespec renewed{};
    std::chrono::steady_clock::time_point since;
  };
  enum class Verdict { held, lost, unclear };

  FolderLock(std::filesystem::path folder, std::string job, LockTimes times);
  void create_folder();
  /// True if this process now has a lock file; otherwise `holder` says who has it, or is empty: try
  /// again.
  bool try_lock(std::string& holder);
  /// True where a process of another job has a lock beside the main one, which its first process may have
  /// given back; `holder` stays empty where it is not known yet which job.
  bool another_job_stays(std::string& holder);
  /// Takes a lock of another job away if it is lost; otherwise `holder` says who has it, if that is known.
  void take_away_or_name(const std::filesystem::path& file, const FoundLock& found, std::string& holder);
  Verdict judge(const std::filesystem::path& file, const FoundLock& found);
  /// Whether a lock is lost, by its age and by whether it is renewed.
  Verdict judge_by_age(const std::filesystem::path& file, const FoundLock& found);
  /// Puts a lock of this process beside `main`, which its job has; false if the job has given that back
  /// meanwhile.
  bool join(const std::filesystem::path& main);
  /// Takes the lock file of this process away again; false.
  bool take_back();
  /// False if the file is there, or its folder is not.
  bool create(const std::filesystem::path& file);
  void renew(const std::stop_token& end) const;
  /// False where the lock file of this process is not there any more, or is another's.
  bool is_mine() const;

  std::filesystem::path folder_;
  std::string job_;
  LockTimes times_;
  bool created_folder_ = false;
  std::filesystem::path mine_;  ///< empty: not locked
  /// Of `mine_`, locked with flock() for others on this machine to see that its process lives.
  int descriptor_ = -1;
  std::map<std::filesystem::path, Sighting> sightings_;
  std::jthread renewal_;
};

}  // namespace rnn_rates
