#include "core/log.hpp"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>
#include <string_view>

#include "core/characters.hpp"

namespace rnn_rates {
namespace {

/// The message, in which names from files, folders and settings may hold anything.
class ShownMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& destination) override {
    const std::string text = terminal_text({message.payload.data(), message.payload.size()});
    destination.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<ShownMessage>(); }
};

}  // namespace

void start_log(const std::string& program, int verbosity, int rank) {
  if (rank > 0) verbosity = std::min(verbosity, -1);
  auto logger =
      std::make_shared<spdlog::logger>(program, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  const std::string who = rank > 0 ? fmt::format("{} rank {}", program, rank) : program;
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<ShownMessage>('*').set_pattern("%H:%M:%S " + who + " %^%l%$: %*");
  logger->set_formatter(std::move(formatter));
  logger->set_level(verbosity < 0    ? spdlog::level::warn
                    : verbosity == 0 ? spdlog::level::info
                                     : spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace rnn_rates
