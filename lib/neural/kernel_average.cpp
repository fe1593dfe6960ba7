#include "neural/kernel_average.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"

namespace rnn_rates::neural {

namespace {

constexpr double floor_hz = 0.1;

/// The estimated count of a bin; `mean` is that of the unit.
double estimate(double spikes, double bins, double prior_spikes, double mean) {
  if (!(mean > 0.0)) return 0.0;
  const double seen = prior_spikes / mean + bins;
  return seen > 0.0 ? (prior_spikes + spikes) / seen : mean;
}

/// Poisson log-likelihood (unit) of the kept counts but for terms that do not depend on the rates.
std::vector<double> log_likelihoods(const KernelSums& sums, const Array<std::uint16_t, 3>& counts,
                                    const Hidden& hidden, double prior_spikes,
                                    const std::vector<double>& means, double floor) {
  const auto [trials, units, bins] = counts.shape();
  std::vector<double> result(units, 0.0), expected(bins);
  for (std::size_t row = 0; row < counts.size(); row += bins) {
    const std::size_t unit = row / bins % units;
    const float* spikes = sums.spikes.data() + row;
    const float* seen = sums.bins.data() + row;
    for (std::size_t bin = 0; bin < bins; ++bin)
      expected[bin] = std::max(floor, estimate(spikes[bin], seen[bin], prior_spikes, means[unit]));
    double sum = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (hidden.size() != 0 && hidden.values()[row + bin] != 0) continue;
      const std::uint16_t count = counts.values()[row + bin];
      if (count > 0) sum += count * std::log(expected[bin]);
      sum -= expected[bin];
    }
    result[unit] += sum;
  }
  return result;
}

std::vector<double> mean_counts(const Array<std::uint16_t, 3>& counts, const Hidden& hidden) {
  return mean_kept_rate_hz(counts, hidden, 1000.0);
}

void check_grid(const KernelGrid& grid) {
  for (const std::vector<double>* values : {&grid.sigmas_ms, &grid.prior_spikes}) {
    if (values->empty() || !(*std::min_element(values->begin(), values->end()) >= 0.0)) {
      throw Error(ErrorKind::config,
                  "kernel widths and priors to choose from: expected at least one, none below 0");
    }
  }
}

/// Adds to each of `to` the values around it, weighted by their distance. Lag by lag, as compilers then use
/// vectors.
void add_weighted(const float* from, const std::vector<float>& kernel, std::size_t bins, float* to) {
  for (std::size_t bin = 0; bin < bins; ++bin) to[bin] += kernel[0] * from[bin];
  for (std::size_t lag = 1; lag < kernel.size(); ++lag) {
    const float weight = kernel[lag];
    for (std::size_t bin = lag; bin < bins; ++bin) to[bin] += weight * from[bin - lag];
    for (std::size_t bin = lag; bin < bins; ++bin) to[bin - lag] += weight * from[bin];
  }
}

}  // namespace

KernelSums kept_counts(const Array<std::uint16_t, 3>& counts, const Hidden& hidden) {
  check_hidden(counts, hidden);
  KernelSums sums{Array<float, 3>(counts.shape()), Array<float, 3>(counts.shape())};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (hidden.size() != 0 && hidden.values()[i] != 0) continue;
    sums.spikes.values()[i] = counts.values()[i];
    sums.bins.values()[i] = 1.0f;
  }
  return sums;
}

KernelSums gaussian_sums(const KernelSums& sums, double sigma_bins, OwnBin own_bin) {
  const std::size_t bins = sums.spikes.extent(2);
  const auto reach = static_cast<std::size_t>(std::min(4.0 * sigma_bins, static_cast<double>(bins - 1)));
  std::vector<float> kernel(reach + 1);
  for (std::size_t lag = 0; lag <= reach; ++lag) {
    const double z = lag == 0 ? 0.0 : static_cast<double>(lag) / sigma_bins;
    kernel[lag] = static_cast<float>(std::exp(-0.5 * z * z));
  }
  if (own_bin == OwnBin::left_out) kernel[0] = 0.0f;
  KernelSums result{Array<float, 3>(sums.spikes.shape()), Array<float, 3>(sums.bins.shape())};
  for (std::size_t row = 0; row < sums.spikes.size(); row += bins) {
    add_weighted(sums.spikes.data() + row, kernel, bins, result.spikes.data() + row);
    add_weighted(sums.bins.data() + row, kernel, bins, result.bins.data() + row);
  }
  return result;
}

std::vector<Kernel> choose_kernels(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                   const KernelGrid& grid, const SumsOfWidth& predicting_sums) {
  check_grid(grid);
  const std::vector<double> means = mean_counts(counts, hidden);
  std::vector<Kernel> best(means.size());
  std::vector<double> most(means.size(), -std::numeric_limits<double>::infinity());
  for (const double sigma_ms : grid.sigmas_ms) {
    const KernelSums sums = predicting_sums(sigma_ms / bin_ms);
    for (const double prior_spikes : grid.prior_spikes) {
      const std::vector<double> likelihoods =
          log_likelihoods(sums, counts, hidden, prior_spikes, means, floor_hz * bin_ms / 1000.0);
      for (std::size_t unit = 0; unit < means.size(); ++unit) {
        if (!(likelihoods[unit] > most[unit])) continue;
        most[unit] = likelihoods[unit];
        best[unit] = {sigma_ms, prior_spikes};
      }
    }
  }
  return best;
}

Array<float, 3> kernel_rate_hz(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                               const std::vector<Kernel>& kernels, const SumsOfWidth& sums_of_width) {
  const std::vector<double> means = mean_counts(counts, hidden);
  const auto [trials, units, bins] = counts.shape();
  std::set<double> sigmas_ms;
  for (const Kernel& kernel : kernels) sigmas_ms.insert(kernel.sigma_ms);
  Array<float, 3> rates_hz(counts.shape());
  for (const double sigma_ms : sigmas_ms) {
    const KernelSums sums = sums_of_width(sigma_ms / bin_ms);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const std::size_t unit = i / bins % units;
      if (kernels[unit].sigma_ms != sigma_ms) continue;
      const double count =
          estimate(sums.spikes.values()[i], sums.bins.values()[i], kernels[unit].prior_spikes, means[unit]);
      rates_hz.values()[i] = static_cast<float>(count * 1000.0 / bin_ms);
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
