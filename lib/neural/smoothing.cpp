#include "neural/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "core/error.hpp"

namespace rnn_rates::neural {

namespace {

void check_positive(const char* what, double value) {
  if (!(value > 0.0 && std::isfinite(value))) {
    throw Error(ErrorKind::config, "a smoothing {} of {} ms: expected more than 0", what, value);
  }
}

/// `smooth_row` maps the counts of one unit in one trial to as many rates.
template <class SmoothRow>
Array<float, 3> smooth_rows(const Array<std::uint16_t, 3>& counts, SmoothRow smooth_row) {
  const std::size_t bins = counts.extent(2);
  Array<float, 3> rates(counts.shape());
  for (std::size_t at = 0; at < counts.size(); at += bins) {
    smooth_row(counts.values().subspan(at, bins), rates.values().subspan(at, bins));
  }
  return rates;
}

}  // namespace

Array<float, 3> boxcar_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double width_ms) {
  check_positive("width", width_ms);
  const std::size_t bins = counts.extent(2);
  const std::size_t width = static_cast<std::size_t>(
      std::clamp(std::round(width_ms / bin_ms), 1.0, 2.0 * static_cast<double>(bins) + 1.0));
  const std::size_t before = width / 2, after = (width - 1) / 2;
  std::vector<std::uint64_t> sum_before(bins + 1, 0);
  return smooth_rows(counts, [&](std::span<const std::uint16_t> row, std::span<float> rates) {
    for (std::size_t bin = 0; bin < bins; ++bin) sum_before[bin + 1] = sum_before[bin] + row[bin];
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t first = bin - std::min(bin, before), end = std::min(bins, bin + after + 1);
      const auto spikes = static_cast<double>(sum_before[end] - sum_before[first]);
      rates[bin] = static_cast<float>(spikes * 1000.0 / (static_cast<double>(end - first) * bin_ms));
    }
  });
}

Array<float, 3> gaussian_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double sigma_ms) {
  check_positive("sigma", sigma_ms);
  const std::size_t bins = counts.extent(2);
  const double sigma = sigma_ms / bin_ms;
  const auto reach = static_cast<std::size_t>(std::min(4.0 * sigma, static_cast<double>(bins)));
  std::vector<double> kernel(reach + 1);
  for (std::size_t lag = 0; lag <= reach; ++lag) {
    const double z = static_cast<double>(lag) / sigma;
    kernel[lag] = std::exp(-0.5 * z * z);
  }
  return smooth_rows(counts, [&](std::span<const std::uint16_t> row, std::span<float> rates) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t first = bin - std::min(bin, reach), end = std::min(bins, bin + reach + 1);
      double sum = 0.0, mass = 0.0;
      for (std::size_t other = first; other < end; ++other) {
        const double weight = kernel[other > bin ? other - bin : bin - other];
        sum += weight * row[other];
        mass += weight;
      }
      rates[bin] = static_cast<float>(sum / mass * 1000.0 / bin_ms);
    }
  });
}

}  // namespace rnn_rates::neural
