#include "neural/deciles.hpp"

#include <algorithm>
#include <vector>

namespace rnn_rates::neural {

Array<std::uint8_t, 3> deciles_of(const Array<float, 3>& rate_hz, const Observed& observed) {
  std::vector<float> sorted;
  sorted.reserve(rate_hz.size());
  for (std::size_t i = 0; i < rate_hz.size(); ++i) {
    if (is_observed(observed, i)) sorted.push_back(rate_hz.values()[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<float> bounds;
  bounds.reserve(deciles - 1);
  for (std::size_t decile = 1; decile < deciles && !sorted.empty(); ++decile)
    bounds.push_back(sorted[decile * sorted.size() / deciles]);
  Array<std::uint8_t, 3> result(rate_hz.shape(), no_decile);
  for (std::size_t i = 0; i < rate_hz.size(); ++i) {
    if (!is_observed(observed, i)) continue;
    const auto above = std::upper_bound(bounds.begin(), bounds.end(), rate_hz.values()[i]);
    result.values()[i] = static_cast<std::uint8_t>(above - bounds.begin());
  }
  return result;
}

}  // namespace rnn_rates::neural
