#include "core/intervals.hpp"

#include <algorithm>
#include <limits>

namespace rnn_rates {

Intervals united(Intervals some) {
  std::erase_if(some, [](const Interval& each) { return !(each.start_s < each.stop_s); });
  std::sort(some.begin(), some.end(),
            [](const Interval& a, const Interval& b) { return a.start_s < b.start_s; });
  Intervals apart;
  for (const Interval& next : some) {
    if (apart.empty() || next.start_s > apart.back().stop_s)
      apart.push_back(next);
    else
      apart.back().stop_s = std::max(apart.back().stop_s, next.stop_s);
  }
  return apart;
}

Intervals common(const Intervals& a, const Intervals& b) {
  Intervals both;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    const Interval shared{std::max(i->start_s, j->start_s), std::min(i->stop_s, j->stop_s)};
    if (shared.start_s < shared.stop_s) both.push_back(shared);
    (i->stop_s < j->stop_s ? i : j)++;
  }
  return both;
}

Intervals without(const Intervals& a, const Intervals& b) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Intervals gaps;
  double from_s = -infinity;
  for (const Interval& each : b) {
    gaps.push_back({from_s, each.start_s});
    from_s = each.stop_s;
  }
  gaps.push_back({from_s, infinity});
  return common(a, gaps);
}

}  // namespace rnn_rates
