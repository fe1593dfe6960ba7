#include "cli/exit_codes.hpp"

#include "core/error.hpp"

namespace rnn_rates::cli {
namespace {

/// "" where no program ends with `code`.
std::string meaning(int code) {
  if (code == 0) return "done, or up to date";
  switch (static_cast<ErrorKind>(code)) {
    case ErrorKind::bug:
      return "a bug";
    case ErrorKind::usage:
      return "the command line";
    case ErrorKind::config:
      return "the settings";
    case ErrorKind::input:
      return "the input";
    case ErrorKind::output:
      return "the output";
    case ErrorKind::numerical:
      return "training diverged";
    case ErrorKind::runtime:
      return "MPI, HDF5 or gnuplot failed by itself, or a limit of the system was met";
    case ErrorKind::some_failed:
      return "some sessions failed (--keep-going)";
    case ErrorKind::stopped:
      return "stopped early, all saved: run again";
  }
  return "";
}

}  // namespace

std::string exit_codes() {
  std::string lines;
  for (int code = 0; code < 256; ++code) {
    const std::string text = meaning(code);
    if (!text.empty()) lines += fmt::format("\n  {:>2} {}", code, text);
  }
  return lines + "\n  128 + n ended by signal n";
}

}  // namespace rnn_rates::cli
