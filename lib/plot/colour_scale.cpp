#include "plot/colour_scale.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rnn_rates::plot {

ColourScale::ColourScale(double low, double high, std::vector<Colour> anchors)
    : low_(low), high_(high > low ? high : low + 1.0), anchors_(std::move(anchors)) {}

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
