#include "neural/rebin.hpp"

#include <cmath>
#include <numeric>

namespace rnn_rates::neural {

std::optional<Array<float, 3>> rebin_rates(const Array<float, 3>& rates, double from_bin_ms,
                                           const BinGrid& grid) {
  const double first = grid.start_ms / from_bin_ms, ratio = grid.bin_ms / from_bin_ms;
  if (first != std::floor(first) || ratio != std::floor(ratio) || ratio < 1) return std::nullopt;
  const auto start = static_cast<std::size_t>(first), width = static_cast<std::size_t>(ratio);
  if (start + grid.bins * width > rates.extent(2)) return std::nullopt;
  Array<float, 3> out({rates.extent(0), rates.extent(1), grid.bins});
  for (std::size_t trial = 0; trial < out.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < out.extent(1); ++unit) {
      for (std::size_t bin = 0; bin < grid.bins; ++bin) {
        const float* from = &rates(trial, unit, start + bin * width);
        out(trial, unit, bin) = std::accumulate(from, from + width, 0.0f) / static_cast<float>(width);
      }
    }
  }
  return out;
}

}  // namespace rnn_rates::neural
