#include "plot/colours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace rnn_rates::plot {

Colour mixed(Colour from, Colour to, double share) {
  Colour result = 0;
  for (const unsigned shift : {0U, 8U, 16U}) {
    const double a = (from >> shift) & 0xFFU, b = (to >> shift) & 0xFFU;
    result |= static_cast<Colour>(std::lround(a + (b - a) * share)) << shift;
  }
  return result;
}

Colour taste_colour(std::size_t taste) {
  constexpr std::array<Colour, 8> colours{0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                          0xE69F00, 0x56B4E9, 0x555555, 0x661100};
  const Colour base = colours[taste % colours.size()];
  switch (taste / colours.size() % 3) {
    case 1:
      return mixed(base, 0x000000, 0.45);
    case 2:
      return mixed(base, 0xFFFFFF, 0.45);
    default:
      return base;
  }
}

Stroke taste_stroke(std::size_t taste, double width_px) {
  return {taste_colour(taste), width_px, 1.0, static_cast<Dash>(taste % 4)};
}

ColourScale::ColourScale(double low, double high, std::vector<Colour> anchors)
    : low_(low),
      high_(high > low ? high : low + 1.0),
      lowest_(low_),
      highest_(high_),
      anchors_(std::move(anchors)) {}

ColourScale& ColourScale::drawing(double lowest, double highest) {
  lowest_ = std::min(lowest, lowest_);
  highest_ = std::max(highest, highest_);
  return *this;
}

ColourScale ColourScale::sequential(double low, double high) {
  return {
      low,
      high,
      {0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725}};
}

ColourScale ColourScale::grey(double low, double high) { return {low, high, {0xFFFFFF, 0x000000}}; }

ColourScale ColourScale::diverging(double most) {
  return {-most, most, {0x053061, 0x2166AC, 0x92C5DE, 0xF7F7F7, 0xF4A582, 0xB2182B, 0x67001F}};
}

Colour ColourScale::colour(double value) const {
  if (!std::isfinite(value)) return 0xFFFFFF;
  const double share = std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
  const double at = share * static_cast<double>(anchors_.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(at), anchors_.size() - 2);
  return mixed(anchors_[below], anchors_[below + 1], at - static_cast<double>(below));
}

}  // namespace rnn_rates::plot
