#pragma once

#include <fmt/format.h>

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

}  // namespace rnn_rates
