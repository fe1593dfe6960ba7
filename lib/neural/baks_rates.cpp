#include "neural/baks_rates.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

namespace rnn_rates::neural {

namespace {

constexpr double alpha = 4.0;
constexpr double least_mass = 0.01;

/// Bins with spikes, or hidden bins, of one unit in one trial.
struct Marks {
  std::vector<double> time_s;
  std::vector<double> weight;
};

/// The posterior mean width at `time_s`, seconds.
double adaptive_width_s(const Marks& spikes, double beta, double time_s) {
  static const double ratio = std::tgamma(alpha) / std::tgamma(alpha + 0.5);
  double above = 0.0, below = 0.0;
  for (std::size_t i = 0; i < spikes.time_s.size(); ++i) {
    const double lag = time_s - spikes.time_s[i];
    const double term = lag * lag / 2.0 + 1.0 / beta;
    const double power = spikes.weight[i] / (term * term * term * term);  // alpha = 4
    above += power;
    below += power / std::sqrt(term);
  }
  return ratio * above / below;
}

/// Sum of the weights times a normalised Gaussian of standard deviation `width_s`, per second.
double kernel_sum(const Marks& marks, double width_s, double time_s) {
  double sum = 0.0;
  for (std::size_t i = 0; i < marks.time_s.size(); ++i) {
    const double z = (time_s - marks.time_s[i]) / width_s;
    sum += marks.weight[i] * std::exp(-0.5 * z * z);
  }
  return sum / (width_s * std::sqrt(2.0 * std::numbers::pi));
}

/// The Gaussian's mass inside the bins `hidden`, each `bin_s` wide.
double hidden_mass(const Marks& hidden, double width_s, double time_s, double bin_s) {
  double mass = 0.0;
  const double scale = 1.0 / (width_s * std::numbers::sqrt2);
  for (const double centre : hidden.time_s) {
    const double lag = centre - time_s;
    mass += 0.5 * (std::erf((lag + bin_s / 2.0) * scale) - std::erf((lag - bin_s / 2.0) * scale));
  }
  return mass;
}

}  // namespace

Array<float, 3> predict_baks(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms) {
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const auto [trials, units, bins] = counts.shape();
  const double bin_s = bin_ms / 1000.0;
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t first = 0; first < counts.size(); first += bins) {
    Marks spikes, hidden_bins;
    double spike_count = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const double time_s = (static_cast<double>(bin) + 0.5) * bin_s;
      const std::uint16_t count = counts.values()[first + bin];
      if (hidden.size() != 0 && hidden.values()[first + bin] != 0) {
        hidden_bins.time_s.push_back(time_s);
      } else if (count > 0) {
        spikes.time_s.push_back(time_s);
        spikes.weight.push_back(count);
        spike_count += count;
      }
    }
    const double mean_hz = unit_mean_hz[first / bins % units];
    const double beta = std::pow(spike_count, 0.8);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      float& rate_hz = rates_hz.values()[first + bin];
      if (spike_count == 0.0) {
        rate_hz = hidden_bins.time_s.empty() ? 0.0f : static_cast<float>(mean_hz);
        continue;
      }
      const double time_s = (static_cast<double>(bin) + 0.5) * bin_s;
      const double width_s = adaptive_width_s(spikes, beta, time_s);
      const double mass = 1.0 - hidden_mass(hidden_bins, width_s, time_s, bin_s);
      rate_hz = static_cast<float>(mass < least_mass ? mean_hz : kernel_sum(spikes, width_s, time_s) / mass);
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
