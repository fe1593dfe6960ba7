#include "neural/scaler.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "core/error.hpp"

namespace rnn_rates::neural {

Scaler fit_scaler(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials) {
  if (trials.empty()) {
    throw Error(ErrorKind::input,
                "found no trial to scale by, expected at least one. Check that the recording has trials");
  }
  const std::size_t units = counts.extent(1), bins = counts.extent(2);
  const double samples = static_cast<double>(trials.size() * bins);
  Scaler scaler{std::vector<double>(units, 0.0), std::vector<double>(units, 1.0)};
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto row = [&](std::uint32_t trial) { return std::span(&counts(trial, unit, 0), bins); };

    std::uint64_t sum = 0;
    std::uint16_t lowest = counts(trials[0], unit, 0), highest = lowest;
    for (const std::uint32_t trial : trials) {
      const auto values = row(trial);
      sum = std::accumulate(values.begin(), values.end(), sum);
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      lowest = std::min(lowest, *low);
      highest = std::max(highest, *high);
    }
    const double mean = static_cast<double>(sum) / samples;
    scaler.mean[unit] = mean;
    if (lowest == highest) continue;

    double squares = 0.0;
    for (const std::uint32_t trial : trials) {
      for (const std::uint16_t value : row(trial)) squares += (value - mean) * (value - mean);
    }
    scaler.scale[unit] = std::sqrt(squares / samples);
  }
  return scaler;
}

Array<double, 3> scale_counts(const Array<std::uint16_t, 3>& counts, const Scaler& scaler) {
  const auto [trials, units, bins] = counts.shape();
  Array<double, 3> scaled(counts.shape());
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      const double mean = scaler.mean[unit], scale = scaler.scale[unit];
      const std::uint16_t* from = &counts(trial, unit, 0);
      double* to = &scaled(trial, unit, 0);
      for (std::size_t bin = 0; bin < bins; ++bin) to[bin] = (from[bin] - mean) / scale;
    }
  }
  return scaled;
}

}  // namespace rnn_rates::neural
