#include "neural/gaussian_rates.hpp"

namespace rnn_rates::neural {

Array<float, 3> predict_gaussian(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 const KernelGrid& grid, const std::stop_token& stop) {
  const SpikesSeen kept = kept_counts(counts, hidden);
  return kernel_rate_hz(mean_kept_rate_hz(counts, hidden, bin_ms), bin_ms,
                        choose_kernels(counts, hidden, bin_ms, grid, kept, OwnBin::left_out, stop), kept);
}

}  // namespace rnn_rates::neural
