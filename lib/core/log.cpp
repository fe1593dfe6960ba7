#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>

namespace rnn_rates {

void start_log(const std::string& program, int verbosity, int rank) {
  if (rank > 0) verbosity = std::min(verbosity, -1);
  auto logger =
      std::make_shared<spdlog::logger>(program, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  const std::string who = rank > 0 ? fmt::format("{} rank {}", program, rank) : program;
  logger->set_pattern("%H:%M:%S " + who + " %^%l%$: %v");
  logger->set_level(verbosity < 0    ? spdlog::level::warn
                    : verbosity == 0 ? spdlog::level::info
                                     : spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace rnn_rates
