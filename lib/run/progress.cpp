#include "run/progress.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "core/characters.hpp"

namespace rnn_rates::run {

using namespace std::chrono_literals;

Progress::Progress(std::string what, std::uint64_t total, bool show)
    : what_(std::move(what)), total_(total), show_(show), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (bar_drawn_) fmt::print(stderr, "\r\033[K");
}

void Progress::add(std::uint64_t done, const std::function<std::string()>& note) {
  const std::uint64_t now_done = done_ += done;
  if (!show_) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  if (Clock::now() - last_said_ < (terminal_ ? 100ms : 10s)) return;
  last_said_ = Clock::now();
  say(now_done, note ? note() : "");
}

std::uint64_t Progress::take() {
  const std::uint64_t now = done_;
  return now - std::exchange(taken_, now);
}

void Progress::say(std::uint64_t done, const std::string& note) {
  const double share = static_cast<double>(done) / static_cast<double>(total_ > 0 ? total_ : 1);
  if (!terminal_) {
    spdlog::info("{} of at most {} {} {}", done, total_, what_, note);
    return;
  }
  constexpr std::size_t width = 30;
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  fmt::print(stderr, "\r\033[K[{}{}] {} of at most {} {} {}", std::string(filled, '#'),
             std::string(width - filled, ' '), done, total_, what_, terminal_text(note));
  std::fflush(stderr);
  bar_drawn_ = true;
}

}  // namespace rnn_rates::run
