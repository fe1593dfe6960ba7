#include "neural/calibration.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

#include "neural/deciles.hpp"

namespace rnn_rates::neural {
namespace {

/// Sums over the entries of one decile.
struct Decile {
  double predicted_hz = 0.0;
  std::vector<double> spikes, bins;  ///< (trial)
};

}  // namespace

Calibration calibrate(const Array<float, 3>& predicted_hz, const Array<std::uint16_t, 3>& counts,
                      double bin_ms, const Observed& observed) {
  const std::size_t trials = counts.extent(0), per_trial = counts.extent(1) * counts.extent(2);
  const Array<std::uint8_t, 3> decile_of = deciles_of(predicted_hz, observed);
  std::vector<Decile> sums(deciles, {0.0, std::vector<double>(trials), std::vector<double>(trials)});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (decile_of.values()[i] == no_decile) continue;
    Decile& decile = sums[decile_of.values()[i]];
    decile.predicted_hz += double{predicted_hz.values()[i]};
    decile.spikes[i / per_trial] += counts.values()[i];
    decile.bins[i / per_trial] += 1.0;
  }
  Calibration calibration;
  for (const Decile& decile : sums) {
    double spikes = 0.0, bins = 0.0, squares = 0.0;
    for (std::size_t trial = 0; trial < trials; ++trial) {
      spikes += decile.spikes[trial];
      bins += decile.bins[trial];
    }
    if (bins == 0.0) continue;
    for (std::size_t trial = 0; trial < trials; ++trial)
      squares += std::pow(decile.spikes[trial] - spikes / bins * decile.bins[trial], 2);
    const auto n = static_cast<double>(trials);
    const double hz = 1000.0 / bin_ms;
    calibration.predicted_hz.push_back(decile.predicted_hz / bins);
    calibration.counted_hz.push_back(spikes / bins * hz);
    calibration.counted_standard_error_hz.push_back(trials > 1
                                                        ? std::sqrt(n / (n - 1.0) * squares) / bins * hz
                                                        : std::numeric_limits<double>::quiet_NaN());
  }
  return calibration;
}

}  // namespace rnn_rates::neural
