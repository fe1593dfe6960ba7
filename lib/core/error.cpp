#include "core/error.hpp"

#include <cerrno>
#include <filesystem>
#include <new>
#include <system_error>

#include "core/limits.hpp"

namespace rnn_rates {
namespace {

Error failure_of_system(const std::system_error& thrown, const std::string& who) {
  const auto* const file = dynamic_cast<const std::filesystem::filesystem_error*>(&thrown);
  const std::string where = file != nullptr ? file->path1().string() : who;
  if (const auto limit = limit_met(thrown.code().value(), where)) return {ErrorKind::runtime, limit->what()};
  if (file == nullptr && thrown.code().value() == EAGAIN)
    return {ErrorKind::runtime, limit_of_processes(where).what()};
  if (file != nullptr) {
    return {ErrorKind::output, "{}: {}. Is the folder there still, and may you use it?", where,
            thrown.code().message()};
  }
  return {ErrorKind::runtime, "{}: the system did not do what it was asked: {}", where, thrown.what()};
}

}  // namespace

Error failure_of(const std::exception& thrown, const std::string& who) {
  if (const auto* error = dynamic_cast<const Error*>(&thrown)) return *error;
  if (const auto* failure = dynamic_cast<const std::system_error*>(&thrown))
    return failure_of_system(*failure, who);
  if (dynamic_cast<const LimitMet*>(&thrown) != nullptr) return {ErrorKind::runtime, thrown.what()};
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr)
    return failure_of_system(std::system_error(ENOMEM, std::generic_category()), who);
  return {ErrorKind::bug, "internal error, please report it: {}", thrown.what()};
}

}  // namespace rnn_rates
