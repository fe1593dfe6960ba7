#include "neural/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
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

/// One unit in one trial.
struct Row {
  std::span<const std::uint16_t> counts;
  std::span<const std::uint8_t> hidden;  ///< empty: nothing is hidden
  double unit_mean_hz;
  std::span<float> rates_hz;

  bool kept(std::size_t bin) const { return hidden.empty() || hidden[bin] == 0; }
};

template <class SmoothRow>
Array<float, 3> smooth_rows(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                            SmoothRow smooth_row) {
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const std::size_t units = counts.extent(1), bins = counts.extent(2);
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t at = 0; at < counts.size(); at += bins) {
    smooth_row(Row{counts.values().subspan(at, bins),
                   hidden.size() == 0 ? std::span<const std::uint8_t>() : hidden.values().subspan(at, bins),
                   unit_mean_hz[at / bins % units], rates_hz.values().subspan(at, bins)});
  }
  return rates_hz;
}

}  // namespace

Array<float, 3> boxcar_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double width_ms,
                               const Hidden& hidden) {
  check_positive("width", width_ms);
  const std::size_t bins = counts.extent(2);
  const std::size_t width = static_cast<std::size_t>(
      std::clamp(std::round(width_ms / bin_ms), 1.0, 2.0 * static_cast<double>(bins) + 1.0));
  const std::size_t before = width / 2, after = (width - 1) / 2;
  std::vector<std::uint64_t> sum_before(bins + 1, 0), kept_before(bins + 1, 0);
  return smooth_rows(counts, hidden, bin_ms, [&](const Row& row) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      sum_before[bin + 1] = sum_before[bin] + (row.kept(bin) ? row.counts[bin] : 0);
      kept_before[bin + 1] = kept_before[bin] + (row.kept(bin) ? 1 : 0);
    }
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t first = bin - std::min(bin, before), end = std::min(bins, bin + after + 1);
      const auto spikes = static_cast<double>(sum_before[end] - sum_before[first]);
      const auto kept = static_cast<double>(kept_before[end] - kept_before[first]);
      row.rates_hz[bin] =
          static_cast<float>(kept > 0.0 ? spikes * 1000.0 / (kept * bin_ms) : row.unit_mean_hz);
    }
  });
}

Array<float, 3> gaussian_rate_hz(const Array<std::uint16_t, 3>& counts, double bin_ms, double sigma_ms) {
  check_positive("sigma", sigma_ms);
  const std::vector<Kernel> kernels(counts.extent(1), {sigma_ms, 0.0});
  return kernel_rate_hz(mean_kept_rate_hz(counts, {}, bin_ms), bin_ms, kernels, kept_counts(counts, {}));
}

}  // namespace rnn_rates::neural
