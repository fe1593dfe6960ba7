#include "core/host.hpp"

#include <fmt/chrono.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace rnn_rates {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "host";
  return name.data();
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace rnn_rates
