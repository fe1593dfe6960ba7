#pragma once

#include <fmt/format.h>

#include <exception>
#include <stdexcept>
#include <string>

namespace rnn_rates {

/// What went wrong, and the exit code of the program that reports it.
enum class ErrorKind {
  bug = 1,
  usage = 2,
  config = 3,
  input = 4,
  output = 5,
  numerical = 6,
  runtime = 7,      ///< MPI or HDF5 failed where neither input nor output is to blame
  some_failed = 8,  ///< at the end of a run with --keep-going; never thrown
  stopped = 75,     ///< stopped early as asked, all work saved: run again to continue
};

/// Every failure that a user can meet: what was found, what was expected, what to do. Caught once, in main.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  template <class... Args>
  Error(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// What a program says of anything thrown, and its exit code: an Error speaks for itself; memory that `who`,
/// a session or program, did not get is a runtime error, as is any other limit of the system; a file or
/// folder that cannot be looked at, such as one that vanished, is an output error; whatever else the system
/// refuses, such as a thread, is a runtime error; all else is a bug.
Error failure_of(const std::exception& thrown, const std::string& who);

}  // namespace rnn_rates
