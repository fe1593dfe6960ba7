#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "h5/dataset.hpp"

namespace rnn_rates::session {

/// Stretches of time {from, to}, rising, none touching the next.
using Stretches = std::vector<std::array<double, 2>>;

/// Windows in any order; those that overlap or touch become one.
Stretches joined(Stretches windows);

/// The spike times of one unit that lie in some stretches of time. They are read once, block by block, so
/// that packed times are unpacked once and memory grows with the stretches only.
class UnitTimes {
 public:
  /// The elements [first, first + count) of `times` (a list, any numeric type, any order). Throws
  /// Error(input) where one is not finite.
  UnitTimes(const h5::Dataset& times, std::size_t first, std::size_t count, const Stretches& stretches);

  /// The times t, from <= t <= to, rising. `from` and `to` lie in one stretch.
  std::span<const double> between(double from, double to) const;
  /// Of all its times: infinity and -infinity where there is none.
  double first() const { return least_; }
  double last() const { return greatest_; }
  std::size_t count() const { return count_; }
  /// How many lie in the stretches.
  std::size_t kept() const { return times_.size(); }

 private:
  void keep(std::vector<double>& block, const Stretches& stretches);

  std::size_t count_;
  std::vector<double> times_;
  double least_ = std::numeric_limits<double>::infinity();
  double greatest_ = -std::numeric_limits<double>::infinity();
};

}  // namespace rnn_rates::session
