#include "cli/failure.hpp"

#include <filesystem>
#include <new>

namespace rnn_rates::cli {

Error failure_of(const std::exception& thrown, const std::string& who) {
  if (const auto* error = dynamic_cast<const Error*>(&thrown)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) {
    return {ErrorKind::runtime,
            "{}: not enough memory: give the job more, or run fewer processes on this machine", who};
  }
  if (const auto* failure = dynamic_cast<const std::filesystem::filesystem_error*>(&thrown)) {
    return {ErrorKind::output, "{}: {}. Is the folder there still, and may you use it?",
            failure->path1().string(), failure->code().message()};
  }
  return {ErrorKind::bug, "internal error, please report it: {}", thrown.what()};
}

}  // namespace rnn_rates::cli
