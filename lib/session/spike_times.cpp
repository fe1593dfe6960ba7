#include "session/spike_times.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/stop.hpp"

namespace rnn_rates::session {

Stretches joined(Stretches windows) {
  std::sort(windows.begin(), windows.end());
  Stretches apart;
  for (const auto& window : windows) {
    if (!apart.empty() && window[0] <= apart.back()[1]) {
      apart.back()[1] = std::max(apart.back()[1], window[1]);
    } else {
      apart.push_back(window);
    }
  }
  return apart;
}

UnitTimes::UnitTimes(const h5::Dataset& times, std::size_t first, std::size_t count,
                     const Stretches& stretches)
    : count_(count) {
  constexpr std::size_t block_size = std::size_t{1} << 20;
  std::vector<double> block;
  for (std::size_t at = 0; at < count; at += block.size()) {
    end_if_stop_requested();
    block.resize(std::min(block_size, count - at));
    times.read_elements<double>(first + at, std::span(block));
    for (const double time : block) {
      if (!std::isfinite(time))
        throw Error(ErrorKind::input, "{}: holds the time {}, expected a number", times.where(), time);
    }
    keep(block, stretches);
  }
  if (!std::is_sorted(times_.begin(), times_.end())) std::sort(times_.begin(), times_.end());
}

void UnitTimes::keep(std::vector<double>& block, const Stretches& stretches) {
  if (!std::is_sorted(block.begin(), block.end())) std::sort(block.begin(), block.end());
  least_ = std::min(least_, block.front());
  greatest_ = std::max(greatest_, block.back());
  auto at = block.begin();
  auto stretch = std::lower_bound(stretches.begin(), stretches.end(), block.front(),
                                  [](const auto& one, double time) { return one[1] < time; });
  for (; stretch != stretches.end() && (*stretch)[0] <= block.back(); ++stretch) {
    at = std::lower_bound(at, block.end(), (*stretch)[0]);
    const auto end = std::upper_bound(at, block.end(), (*stretch)[1]);
    times_.insert(times_.end(), at, end);
    at = end;
  }
}

std::span<const double> UnitTimes::between(double from, double to) const {
  const auto begin = std::lower_bound(times_.begin(), times_.end(), from);
  // Few are between, and the caller looks at all of them.
  return {begin, std::find_if(begin, times_.end(), [&](double time) { return time > to; })};
}

}  // namespace rnn_rates::session
