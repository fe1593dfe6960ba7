#pragma once

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "core/descriptor.hpp"

namespace rnn_rates {

/// A file that no other program is to change while it is copied and replaced. One at a time in a process.
class FileGuard {
 public:
  /// Throws Error(input) where another program has it open for writing, as far as locks (flock, fcntl) and
  /// the kernel tell, and where it cannot be opened or is not a plain file. Holds shared locks from then on.
  explicit FileGuard(std::filesystem::path file);
  ~FileGuard();
  FileGuard(const FileGuard&) = delete;
  FileGuard& operator=(const FileGuard&) = delete;

  const std::filesystem::path& file() const { return file_; }
  /// Open for reading.
  int descriptor() const { return descriptor_.get(); }
  const struct stat& status() const { return status_; }
  /// Throws Error(output) where another program has changed or replaced the file or opened it for writing
  /// since.
  void check_untouched() const;

 private:
  void lock() const;
  void take_lease();

  std::filesystem::path file_;
  Descriptor descriptor_;
  struct stat status_ {};
  bool leased_ = false;
  struct sigaction earlier_action_ {};
};

}  // namespace rnn_rates
