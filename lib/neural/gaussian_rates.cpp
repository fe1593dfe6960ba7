#include "neural/gaussian_rates.hpp"

namespace rnn_rates::neural {

Array<float, 3> predict_gaussian(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 const KernelGrid& grid) {
  const KernelSums kept = kept_counts(counts, hidden);
  const auto kernels = choose_kernels(counts, hidden, bin_ms, grid, [&](double sigma_bins) {
    return gaussian_sums(kept, sigma_bins, OwnBin::left_out);
  });
  return kernel_rate_hz(counts, hidden, bin_ms, kernels,
                        [&](double sigma_bins) { return gaussian_sums(kept, sigma_bins, OwnBin::used); });
}

}  // namespace rnn_rates::neural
