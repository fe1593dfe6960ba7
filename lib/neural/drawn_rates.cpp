#include "neural/drawn_rates.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace rnn_rates::neural {
namespace {

constexpr std::size_t weights = 21;  ///< 0, 0.05 and so on

double weight_of(std::size_t index) { return static_cast<double>(index) / (weights - 1); }

/// (unit) the weight under which `rates_hz` best predict the kept counts.
std::vector<double> best_weights(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 const Array<float, 3>& rates_hz, std::span<const double> means_hz) {
  constexpr double floor_hz = 0.1;
  const auto [trials, units, bins] = counts.shape();
  Array<double, 2> likelihoods({units, weights});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::size_t unit = i / bins % units;
    if (!(means_hz[unit] > 0.0) || (hidden.size() != 0 && hidden.values()[i] != 0)) continue;
    const double beyond_hz = rates_hz.values()[i] - means_hz[unit], spikes = counts.values()[i];
    for (std::size_t weight = 0; weight < weights; ++weight) {
      const double rate_hz = std::max(floor_hz, means_hz[unit] + weight_of(weight) * beyond_hz);
      likelihoods(unit, weight) -= rate_hz * bin_ms / 1000.0;
      if (spikes > 0) likelihoods(unit, weight) += spikes * std::log(rate_hz);
    }
  }
  std::vector<double> best;
  best.reserve(units);
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto of_unit = likelihoods.values().subspan(unit * weights, weights);
    const auto at = std::ranges::max_element(of_unit) - of_unit.begin();
    best.push_back(weight_of(static_cast<std::size_t>(at)));
  }
  return best;
}

}  // namespace

Array<float, 3> drawn_to_mean_hz(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                 std::size_t block_bins,
                                 const std::function<Array<float, 3>(const Hidden&)>& predict_hz,
                                 const std::stop_token& stop) {
  constexpr std::size_t parts = 4, patterns = 16;
  HeldOutRates kept;
  const auto predict_kept_hz = [&](Hidden part) {
    for (std::size_t i = 0; i < hidden.size(); ++i) part.values()[i] |= hidden.values()[i];
    return predict_hz(part);
  };
  predict_held_out(block_parts(counts.shape(), block_bins, parts, patterns, 0), parts, predict_kept_hz, kept,
                   stop);
  const std::vector<double> means_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const std::vector<double> best = best_weights(counts, hidden, bin_ms, kept.rate_hz, means_hz);
  Array<float, 3> rates_hz = predict_hz(hidden);
  const auto [trials, units, bins] = counts.shape();
  for (std::size_t i = 0; i < rates_hz.size(); ++i) {
    const std::size_t unit = i / bins % units;
    float& rate_hz = rates_hz.values()[i];
    rate_hz = static_cast<float>(means_hz[unit] + best[unit] * (rate_hz - means_hz[unit]));
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
