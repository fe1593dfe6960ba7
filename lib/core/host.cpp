#include "core/host.hpp"

#include <fmt/chrono.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "core/limits.hpp"

namespace rnn_rates {
namespace {

/// "" for the host itself, such as "-4026532281" for a container.
std::string process_numbers() {
  // PROC_PID_INIT_INO in Linux' include/linux/proc_ns.h.
  constexpr std::string_view of_the_host = "pid:[4026531836]";
  std::error_code failure;
  const std::string numbers = std::filesystem::read_symlink("/proc/self/ns/pid", failure).string();
  if (failure || numbers == of_the_host || numbers.size() < 7) return "";
  return fmt::format("-{}", numbers.substr(5, numbers.size() - 6));
}

}  // namespace

std::string host_name() {
  static const std::string container = process_numbers();
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host" + container;
  return name.data() + container;
}

std::string machine_identity() {
  std::ifstream stream("/proc/sys/kernel/random/boot_id");
  std::string identity;
  std::getline(stream, identity);
  return identity;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string process_identity(int pid) {
  const std::string file = fmt::format("/proc/{}/stat", pid);
  errno = 0;
  std::ifstream stream(file);
  if (!stream) check_limits(errno, file);
  std::string text;
  // The process may end while it is looked at, which the stream's buffer, asked itself, throws.
  std::getline(stream, text, '\0');
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) return "";
  std::istringstream fields(text.substr(after_name + 1));
  std::string state, start;
  fields >> state;
  if (state == "Z" || state == "X") return "";
  for (int field = 4; field <= 22; ++field) fields >> start;
  return fmt::format("{} {}", pid, start);
}

bool is_hidden(int pid) {
  return ::access(fmt::format("/proc/{}", pid).c_str(), F_OK) != 0 && ::kill(pid, 0) != 0 && errno == EPERM;
}

}  // namespace rnn_rates
