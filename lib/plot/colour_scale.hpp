#pragma once

#include <vector>

#include "plot/axis.hpp"
#include "plot/style.hpp"

namespace rnn_rates::plot {

/// Colours for values from `low` to `high`; those outside get the colour of the end, those that are not
/// finite are white.
class ColourScale {
 public:
  /// From dark to bright: viridis (Smith and van der Walt, 2015), even to the eye and in grey.
  static ColourScale sequential(double low, double high);
  /// From white to black, for counts.
  static ColourScale grey(double low, double high);
  /// Blue below 0, red above, to `most` on both sides; told apart with any kind of colour vision.
  static ColourScale diverging(double most);

  double low() const { return low_; }
  double high() const { return high_; }
  Colour colour(double value) const;
  /// Evenly spaced from `low` to `high`.
  const std::vector<Colour>& anchors() const { return anchors_; }

 private:
  ColourScale(double low, double high, std::vector<Colour> anchors);

  double low_, high_;
  std::vector<Colour> anchors_;
};

}  // namespace rnn_rates::plot
