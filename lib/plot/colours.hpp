#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rnn_rates::plot {

/// 0xRRGGBB
using Colour = std::uint32_t;

constexpr Colour ink = 0x222222;        ///< titles, true rates
constexpr Colour quiet_ink = 0x666666;  ///< axes, subtitles

/// The colour of the taste with this index in its session, the same in every figure. The first six are those
/// of Okabe and Ito (2008, "Color universal design"); their black is left to true rates, their yellow is
/// hardly seen on white: a grey and a brown stand for them. Any two of the eight differ by 16 or more
/// (CIELAB) with normal vision and without red, green or blue cones (as simulated by Machado, Oliveira and
/// Fernandes, 2009). The next eight are darker shades of these, the next eight lighter ones; then they
/// repeat.
Colour taste_colour(std::size_t taste);

/// Colour between `from` (share 0) and `to` (share 1).
Colour mixed(Colour from, Colour to, double share);

enum class Dash { solid, dashed, dash_dot, dotted };

struct Stroke {
  Colour colour = ink;
  double width_px = 1.0;
  double opacity = 1.0;
  Dash dash = Dash::solid;
};

/// The line of a condition, whose dashes tell it from others where colours do not, as in print without them.
Stroke taste_stroke(std::size_t taste, double width_px);

/// The line that marks the stimulus in every figure.
constexpr Stroke stimulus_stroke{0x888888, 1.0, 1.0, Dash::dashed};

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
  /// Notes that values from `lowest` to `highest` are drawn: colour bars say where some are outside.
  ColourScale& drawing(double lowest, double highest);
  bool cuts_low() const { return lowest_ < low_; }
  bool cuts_high() const { return highest_ > high_; }
  /// Evenly spaced from `low` to `high`.
  const std::vector<Colour>& anchors() const { return anchors_; }

 private:
  ColourScale(double low, double high, std::vector<Colour> anchors);

  double low_, high_, lowest_ = 0.0, highest_ = 0.0;
  std::vector<Colour> anchors_;
};

}  // namespace rnn_rates::plot
