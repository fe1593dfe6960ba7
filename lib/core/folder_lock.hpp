#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>

namespace rnn_rates {

/// Keeps other runs out of a folder of results while this one works there. The lock is a file
/// `.rnn_rates.lock`, created exclusively (which NFS does atomically) and naming host, process and job; its
/// time is renewed every half minute. Processes of one job share it: each later one adds
/// `.rnn_rates.lock.HOST.PID`. A lock whose process is gone, or, from another host or of a process hidden
/// from this user, one that was not renewed for five minutes, is taken over.
class FolderLock {
 public:
  /// `job` is the same text for all processes of one MPI job and differs between jobs. Creates the folder.
  /// Throws Error(output) naming the holder where another job has it, at once or, with `wait`, never: then it
  /// waits, until a stop is requested, which throws Error(stopped). A folder that cannot be written is not
  /// locked.
  FolderLock(std::filesystem::path folder, std::string job, bool wait);
  /// Gives the lock back, and takes the folder away if it was created here and is empty.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  FolderLock(std::filesystem::path folder, std::string job);
  void create_folder();
  /// True if this process now has a lock file; otherwise `holder` says who has it, or is empty: try
  /// again.
  bool try_lock(std::string& holder);
  /// True where a process of another job has a lock beside the main one, which its first process may have
  /// given back; `holder` stays empty where it is not known yet which job.
  bool another_job_stays(std::string& holder) const;
  /// Puts a lock of this process beside `main`, which its job has; false if the job has given that back
  /// meanwhile.
  bool join(const std::filesystem::path& main);
  /// Takes the lock file of this process away again; false.
  bool take_back();
  /// False if the file is there, or its folder is not.
  bool create(const std::filesystem::path& file) const;
  void renew(const std::stop_token& end) const;

  std::filesystem::path folder_;
  std::string job_;
  bool created_folder_ = false;
  std::filesystem::path mine_;  ///< empty: not locked
  std::jthread renewal_;
};

}  // namespace rnn_rates
