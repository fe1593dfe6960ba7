#include "neural/scaler.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "core/error.hpp"

namespace rnn_rates::neural {

Scaler fit_scaler(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
                  const Observed& observed) {
  if (trials.empty()) {
    throw Error(ErrorKind::input,
                "found no trial to scale by, expected at least one. Check that the recording has trials");
  }
  const std::size_t units = counts.extent(1), bins = counts.extent(2);
  Scaler scaler{std::vector<double>(units, 0.0), std::vector<double>(units, 1.0)};
  std::vector<std::uint16_t> seen;
  seen.reserve(trials.size() * bins);
  for (std::size_t unit = 0; unit < units; ++unit) {
    seen.clear();
    for (const std::uint32_t trial : trials) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        if (observed.size() == 0 || observed(trial, unit, bin) != 0) seen.push_back(counts(trial, unit, bin));
      }
    }
    if (seen.empty()) continue;
    const auto samples = static_cast<double>(seen.size());
    const double mean =
        static_cast<double>(std::accumulate(seen.begin(), seen.end(), std::uint64_t{0})) / samples;
    scaler.mean[unit] = mean;
    const auto [lowest, highest] = std::minmax_element(seen.begin(), seen.end());
    if (*lowest == *highest) continue;
    double squares = 0.0;
    for (const std::uint16_t value : seen) squares += (value - mean) * (value - mean);
    scaler.scale[unit] = std::sqrt(squares / samples);
  }
  return scaler;
}

Array<double, 3> scale_counts(const Array<std::uint16_t, 3>& counts, const Scaler& scaler,
                              const Observed& observed) {
  const auto [trials, units, bins] = counts.shape();
  Array<double, 3> scaled(counts.shape());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::size_t unit = i / bins % units;
    if (is_observed(observed, i))
      scaled.values()[i] = (counts.values()[i] - scaler.mean[unit]) / scaler.scale[unit];
  }
  return scaled;
}

}  // namespace rnn_rates::neural
