#pragma once

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace rnn_rates {

/// Who has a folder, as its lock file says: one line each.
struct LockHolder {
  std::string job, host, process, since, machine;

  /// False while the file is still being written.
  bool complete() const { return !since.empty(); }
  std::string text() const;
  std::string description() const;
  int process_number() const;
};

/// Opens a lock file, but no link to one; -1 with errno where that fails.
int open_lock(const std::filesystem::path& file, int flags);

bool is_same_file(const struct stat& a, const struct stat& b);
bool is_same_time(const timespec& a, const timespec& b);

/// Time since `then` by the clock of the folder's file system, which hosts share; 0 where it does not tell.
std::chrono::milliseconds age(const std::filesystem::path& file, const timespec& then);

/// A lock file as it was found.
struct FoundLock {
  bool there = false;
  bool readable = false;
  struct stat status {};
  LockHolder holder;
  bool in_use = false;  ///< a living process has it locked with flock(), as far as that can be seen from here

  explicit FoundLock(const std::filesystem::path& file);
  /// Of who has it; "" where the file does not say yet.
  std::string description() const;
  /// Takes the file away, unless another process has put its own there, or renewed it, since it was found.
  void take_away(const std::filesystem::path& file) const;

 private:
  bool is_still(const std::filesystem::path& file) const;
};

}  // namespace rnn_rates
