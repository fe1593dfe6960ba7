#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rnn_rates::plot {

/// The smallest interval that holds the finite ones of the values that it was given.
class Extent {
 public:
  void include(double value);
  void include(std::span<const float> values);
  /// Includes the given share of the finite ones of `values`, without the lowest and the highest.
  void include_most(std::span<const float> values, double share);
  bool empty() const { return low_ > high_; }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_ = 1.0;
  double high_ = 0.0;
};

/// One axis of a panel: the interval that is shown, from `first` (left, bottom) to `last`, and its ticks.
struct Axis {
  double first = 0.0;
  double last = 1.0;
  std::vector<double> ticks;
  bool labels = true;
  bool logarithmic = false;
};

/// Multiples of 1, 2 or 5 times a power of ten in [low, high], at most `most` >= 2 of them.
std::vector<double> round_ticks(double low, double high, std::size_t most);

/// Axis of a firing rate in Hz that starts at 0, or below where `rates_hz` does, with at most `most_ticks`.
Axis rate_axis(const Extent& rates_hz, std::size_t most_ticks);

/// Axis of all bins with centres `time_ms`, `bin_ms` wide, with at most `most_ticks`. Where both ends would
/// have one the last has none, as its label would run into the first one of a panel to the right.
Axis time_axis(std::span<const double> time_ms, double bin_ms, std::size_t most_ticks);

/// Logarithmic axis of positive values with some space at both ends; ticks at least at three values.
Axis logarithmic_axis(const Extent& values);

/// Linear axis with some space at both ends.
Axis linear_axis(const Extent& values, std::size_t most_ticks);

}  // namespace rnn_rates::plot
