#pragma once

#include <vector>

namespace rnn_rates {

/// A stretch of time, [start_s, stop_s).
struct Interval {
  double start_s = 0, stop_s = 0;
  bool operator==(const Interval&) const = default;
};

/// Stretches in order of time that do not touch.
using Intervals = std::vector<Interval>;

/// The time in any of `some`, which may overlap and come in any order; those without length count for
/// nothing.
Intervals united(Intervals some);
/// The time in both; each in order and apart, as united() makes them.
Intervals common(const Intervals& a, const Intervals& b);
/// The time in `a` but not in `b`, likewise.
Intervals without(const Intervals& a, const Intervals& b);

}  // namespace rnn_rates
