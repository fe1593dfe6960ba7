#include "neural/baks_rates.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "core/stop_token.hpp"

namespace rnn_rates::neural {

namespace {

constexpr double alpha = 4.0;
constexpr double least_mass = 0.01;
/// Share of a sum that the spikes left out of it may have.
constexpr double negligible = 1e-11;
/// In widths; a Gaussian has less than 1e-18 of its mass further out. The nearest spike is always inside, as
/// its distance is at most 2.8 widths.
constexpr double reach = 9.0;

/// Bins with spikes of one unit in one trial, ascending.
struct Spikes {
  std::vector<double> time_s;
  std::vector<double> weight;
  double count = 0.0;
};

/// Runs of hidden bins of one unit in one trial, ascending.
struct HiddenRuns {
  std::vector<double> from_s, to_s;
};

/// The posterior mean width at `time_s`, seconds. Adds spikes from the nearest outwards.
double adaptive_width_s(const Spikes& spikes, double beta, double time_s) {
  static const double ratio = std::tgamma(alpha) / std::tgamma(alpha + 0.5);
  const std::vector<double>& at_s = spikes.time_s;
  auto after = static_cast<std::size_t>(std::lower_bound(at_s.begin(), at_s.end(), time_s) - at_s.begin());
  std::size_t before = after;
  double above = 0.0, below = 0.0;
  for (double left = spikes.count; before > 0 || after < at_s.size();) {
    const bool is_after =
        before == 0 || (after < at_s.size() && at_s[after] - time_s < time_s - at_s[before - 1]);
    const std::size_t i = is_after ? after++ : --before;
    const double lag = time_s - at_s[i];
    const double term = lag * lag / 2.0 + 1.0 / beta;
    const double power = 1.0 / (term * term * term * term);  // alpha = 4
    if (left * power < negligible * above) break;
    left -= spikes.weight[i];
    above += spikes.weight[i] * power;
    below += spikes.weight[i] * power / std::sqrt(term);
  }
  return ratio * above / below;
}

/// Sum of the weights times a normalised Gaussian of standard deviation `width_s`, per second.
double kernel_sum(const Spikes& spikes, double width_s, double time_s) {
  const std::vector<double>& at_s = spikes.time_s;
  const auto first = std::lower_bound(at_s.begin(), at_s.end(), time_s - reach * width_s) - at_s.begin();
  double sum = 0.0;
  const double end_s = time_s + reach * width_s;
  for (auto i = static_cast<std::size_t>(first); i < at_s.size() && at_s[i] <= end_s; ++i) {
    const double z = (time_s - at_s[i]) / width_s;
    sum += spikes.weight[i] * std::exp(-0.5 * z * z);
  }
  return sum / (width_s * std::sqrt(2.0 * std::numbers::pi));
}

/// The Gaussian's mass inside the hidden bins.
double hidden_mass(const HiddenRuns& hidden, double width_s, double time_s) {
  const auto first = std::lower_bound(hidden.to_s.begin(), hidden.to_s.end(), time_s - reach * width_s);
  const double scale = 1.0 / (width_s * std::numbers::sqrt2);
  double mass = 0.0;
  for (auto i = static_cast<std::size_t>(first - hidden.to_s.begin());
       i < hidden.to_s.size() && hidden.from_s[i] <= time_s + reach * width_s; ++i) {
    const double from = (hidden.from_s[i] - time_s) * scale, to = (hidden.to_s[i] - time_s) * scale;
    mass += 0.5 * (std::erf(to) - std::erf(from));
  }
  return mass;
}

}  // namespace

Array<float, 3> predict_baks(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                             const std::stop_token& stop) {
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  const auto [trials, units, bins] = counts.shape();
  const double bin_s = bin_ms / 1000.0;
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t first = 0; first < counts.size(); first += bins) {
    end_if_stopped(stop);
    Spikes spikes;
    HiddenRuns runs;
    bool was_hidden = false;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::uint16_t count = counts.values()[first + bin];
      const bool is_hidden = hidden.size() != 0 && hidden.values()[first + bin] != 0;
      if (is_hidden) {
        if (!was_hidden) {
          runs.from_s.push_back(static_cast<double>(bin) * bin_s);
          runs.to_s.emplace_back();
        }
        runs.to_s.back() = static_cast<double>(bin + 1) * bin_s;
      } else if (count > 0) {
        spikes.time_s.push_back((static_cast<double>(bin) + 0.5) * bin_s);
        spikes.weight.push_back(count);
        spikes.count += count;
      }
      was_hidden = is_hidden;
    }
    const double mean_hz = unit_mean_hz[first / bins % units];
    const double beta = std::pow(spikes.count, 0.8);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      float& rate_hz = rates_hz.values()[first + bin];
      if (spikes.count == 0.0) {
        rate_hz = runs.from_s.empty() ? 0.0f : static_cast<float>(mean_hz);
        continue;
      }
      const double time_s = (static_cast<double>(bin) + 0.5) * bin_s;
      const double width_s = adaptive_width_s(spikes, beta, time_s);
      const double mass = 1.0 - hidden_mass(runs, width_s, time_s);
      rate_hz = static_cast<float>(mass < least_mass ? mean_hz : kernel_sum(spikes, width_s, time_s) / mass);
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
