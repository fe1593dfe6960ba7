#include "plot/axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iterator>

namespace rnn_rates::plot {
namespace {

/// The powers of ten times each of `digits` that lie in [low, high].
std::vector<double> decade_ticks(double low, double high, std::initializer_list<int> digits) {
  std::vector<double> ticks;
  const auto first = static_cast<int>(std::floor(std::log10(low)));
  const auto last = static_cast<int>(std::ceil(std::log10(high)));
  for (int exponent = first; exponent <= last; ++exponent) {
    for (const int digit : digits) {
      const double tick = digit * std::pow(10.0, exponent);
      if (tick >= low && tick <= high) ticks.push_back(tick);
    }
  }
  return ticks;
}

Axis ticked_axis(double first, double last, std::size_t most_ticks) {
  return {first, last, round_ticks(first, last, most_ticks)};
}

}  // namespace

void Extent::include(double value) {
  if (!std::isfinite(value)) return;
  const bool first = empty();
  low_ = first ? value : std::min(low_, value);
  high_ = first ? value : std::max(high_, value);
}

void Extent::include(std::span<const float> values) {
  for (const float value : values) include(static_cast<double>(value));
}

void Extent::include_most(std::span<const float> values, double share) {
  std::vector<float> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](float value) { return std::isfinite(value); });
  if (finite.empty()) return;
  for (const double rank : {(1.0 - share) / 2.0, (1.0 + share) / 2.0}) {
    const auto at = static_cast<std::ptrdiff_t>(std::lround(rank * static_cast<double>(finite.size() - 1)));
    std::nth_element(finite.begin(), finite.begin() + at, finite.end());
    include(static_cast<double>(finite[static_cast<std::size_t>(at)]));
  }
}

std::vector<double> round_ticks(double low, double high, std::size_t most) {
  if (!(high > low)) return {low};
  const double least_step = (high - low) / static_cast<double>(most);
  const double power = std::pow(10.0, std::floor(std::log10(least_step)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0, 20.0}) {
    const double step = factor * power;
    // A little more than the interval, for ends that rounding left just outside.
    const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
    if (last - first + 1.0 > static_cast<double>(most)) continue;
    std::vector<double> ticks(static_cast<std::size_t>(std::max(0.0, last - first + 1.0)));
    for (std::size_t i = 0; i < ticks.size(); ++i) ticks[i] = (first + static_cast<double>(i)) * step + 0.0;
    return ticks;
  }
  return {};
}

Axis rate_axis(const Extent& rates_hz, std::size_t most_ticks) {
  const double low = rates_hz.empty() ? 0.0 : std::min(0.0, rates_hz.low());
  const double high = rates_hz.empty() ? 0.0 : rates_hz.high();
  const double height = high - low > 1e-6 ? high - low : 1.0;
  return ticked_axis(low < 0.0 ? low - 0.04 * height : 0.0, low + 1.05 * height, most_ticks);
}

Axis time_axis(std::span<const double> time_ms, double bin_ms, std::size_t most_ticks) {
  Axis axis = ticked_axis(time_ms.front() - bin_ms / 2.0, time_ms.back() + bin_ms / 2.0, most_ticks);
  const bool full =
      axis.ticks.size() > 2 && axis.ticks.front() == axis.first && axis.ticks.back() == axis.last;
  if (full) axis.ticks.pop_back();
  return axis;
}

Axis logarithmic_axis(const Extent& values) {
  const double space = std::max(1.05, std::pow(values.high() / values.low(), 0.05));
  Axis axis{.first = values.low() / space, .last = values.high() * space, .ticks = {}, .logarithmic = true};
  axis.ticks = decade_ticks(axis.first, axis.last, {1});
  if (axis.ticks.size() < 3) axis.ticks = decade_ticks(axis.first, axis.last, {1, 2, 5});
  if (axis.ticks.size() < 3) axis.ticks = round_ticks(axis.first, axis.last, 7);
  return axis;
}

Axis linear_axis(const Extent& values, std::size_t most_ticks) {
  const double low = values.empty() ? 0.0 : values.low();
  const double height = values.empty() || values.high() - low < 1e-12 ? 1.0 : values.high() - low;
  return ticked_axis(low - 0.05 * height, low + 1.05 * height, most_ticks);
}

}  // namespace rnn_rates::plot
