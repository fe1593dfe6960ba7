#include "core/text_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#include "core/atomic_file.hpp"
#include "core/descriptor.hpp"
#include "core/limits.hpp"
#include "core/stop.hpp"

namespace rnn_rates {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string read_text(const std::filesystem::path& path, ErrorKind kind, const std::string& failure,
                      std::size_t longest) {
  const auto refuse = [&](std::string_view reason) {
    throw Error(kind, "{}: {}: {}", path.string(), failure, reason);
  };
  const auto refuse_for = [&](int reason) {
    check_limits(reason, path.string());
    refuse(std::strerror(reason));
  };
  // A pipe without a writer would hold up open() for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) refuse_for(errno);
  constexpr auto time_for_a_writer = 2s;
  const auto start = steady_clock::now();
  std::string text, piece(std::size_t{1} << 16, '\0');
  for (;;) {
    const ssize_t size = ::read(file.get(), piece.data(), piece.size());
    if (size > 0) {
      text.append(piece, 0, static_cast<std::size_t>(size));
      if (text.size() > longest) refuse("it holds more than " + size_text(longest));
      continue;
    }
    if (size < 0 && errno != EINTR && errno != EAGAIN) refuse_for(errno);
    // What was drawn by the time of a stop is still read whole.
    if (size == 0 && (!S_ISFIFO(status.st_mode) || !text.empty())) return text;
    end_if_stop_requested();
    if (size < 0) {
      pollfd input{file.get(), POLLIN, 0};
      ::poll(&input, 1, 100);
      continue;
    }
    if (steady_clock::now() - start > time_for_a_writer) refuse("nobody writes into this pipe");
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace rnn_rates
