#include "core/error.hpp"

#include <filesystem>
#include <new>
#include <system_error>

namespace rnn_rates {

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
  if (dynamic_cast<const std::system_error*>(&thrown) != nullptr) {
    return {ErrorKind::runtime, "{}: the system did not do what it was asked: {}", who, thrown.what()};
  }
  return {ErrorKind::bug, "internal error, please report it: {}", thrown.what()};
}

}  // namespace rnn_rates
