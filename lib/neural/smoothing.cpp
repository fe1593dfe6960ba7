#include "neural/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/error.hpp"
#include "neural/kernel_average.hpp"

namespace rnn_rates::neural {

namespace {

void check_positive(const char* what, double value) {
  if (!(value > 0.0 && std::isfinite(value))) {
    throw Error(ErrorKind::config, "a smoothing {} of {} ms: expected more than 0", what, value);
  }
}

}  // namespace

Array<float, 3> boxcar_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double width_ms,
                               const Hidden& hidden) {
  check_positive("width", width_ms);
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const std::size_t units = counts.extent(1), bins = counts.extent(2);
  const std::size_t width = static_cast<std::size_t>(
      std::clamp(std::round(width_ms / bin_ms), 1.0, 2.0 * static_cast<double>(bins) + 1.0));
  const std::size_t before = width / 2, after = (width - 1) / 2;
  std::vector<std::uint64_t> sum_before(bins + 1, 0), kept_before(bins + 1, 0);
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t row = 0; row < counts.size(); row += bins) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const bool is_kept = hidden.size() == 0 || hidden.values()[row + bin] == 0;
      sum_before[bin + 1] = sum_before[bin] + (is_kept ? counts.values()[row + bin] : 0);
      kept_before[bin + 1] = kept_before[bin] + (is_kept ? 1 : 0);
    }
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t first = bin - std::min(bin, before), end = std::min(bins, bin + after + 1);
      const auto spikes = static_cast<double>(sum_before[end] - sum_before[first]);
      const auto kept = static_cast<double>(kept_before[end] - kept_before[first]);
      rates_hz.values()[row + bin] = static_cast<float>(kept > 0.0 ? spikes * 1000.0 / (kept * bin_ms)
                                                                   : unit_mean_hz[row / bins % units]);
    }
  }
  return rates_hz;
}

Array<float, 3> gaussian_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double sigma_ms) {
  check_positive("sigma", sigma_ms);
  const std::vector<Kernel> kernels(counts.extent(1), {sigma_ms, 0.0});
  return kernel_rate_hz(mean_kept_rate_hz(counts, {}, bin_ms), bin_ms, kernels, kept_counts(counts, {}));
}

}  // namespace rnn_rates::neural
