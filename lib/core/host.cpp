#include "core/host.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

namespace rnn_rates {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host";
  return name.data();
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string process_identity(int pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(stream)), {});
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) return "";
  std::istringstream fields(text.substr(after_name + 1));
  std::string state, start;
  fields >> state;
  if (state == "Z" || state == "X") return "";
  for (int field = 4; field <= 22; ++field) fields >> start;
  return fmt::format("{} {}", pid, start);
}

}  // namespace rnn_rates
