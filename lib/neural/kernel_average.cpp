#include "neural/kernel_average.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/stop_token.hpp"

namespace rnn_rates::neural {

namespace {

constexpr double floor_hz = 0.1;

/// The weights of a Gaussian of height 1, lag 0 first, as far as a row of `bins` bins reaches.
std::vector<float> gaussian_weights(double sigma_bins, std::size_t bins, OwnBin own_bin) {
  const auto reach = static_cast<std::size_t>(std::min(4.0 * sigma_bins, static_cast<double>(bins - 1)));
  std::vector<float> weights(reach + 1);
  for (std::size_t lag = 0; lag <= reach; ++lag) {
    const double z = lag == 0 ? 0.0 : static_cast<double>(lag) / sigma_bins;
    weights[lag] = static_cast<float>(std::exp(-0.5 * z * z));
  }
  if (own_bin == OwnBin::left_out) weights[0] = 0.0f;
  return weights;
}

/// Sums around each bin of a row, weighted by distance: both ways at once, in blocks that stay in registers.
class WeightedSums {
 public:
  WeightedSums(std::size_t bins, const std::vector<float>& weights)
      : bins_(bins), weights_(weights), padded_(2 * weights.size() + bins + block), sums_(bins + block) {}

  /// The sums (bin) around `values` (bin), valid until the next call.
  const float* of(const float* values) {
    std::copy_n(values, bins_, &padded_[weights_.size()]);
    for (std::size_t first = 0; first < bins_; first += block) sum_block(first);
    return sums_.data();
  }

 private:
  static constexpr std::size_t block = 16;

  void sum_block(std::size_t first) {
    using Block = Eigen::Array<float, block, 1>;
    const float* centre = &padded_[weights_.size() + first];
    Block sums = Block::Zero();
    // The small weights first, which loses less to rounding.
    for (std::size_t lag = weights_.size() - 1; lag > 0; --lag)
      sums += weights_[lag] * (Eigen::Map<const Block>(centre - lag) + Eigen::Map<const Block>(centre + lag));
    sums += weights_[0] * Eigen::Map<const Block>(centre);
    Eigen::Map<Block>{&sums_[first]} = sums;
  }

  std::size_t bins_;
  const std::vector<float>& weights_;
  std::vector<float> padded_, sums_;
};

/// log of the product of factors above 0, with few logarithms.
class LogProduct {
 public:
  void multiply(double factor, unsigned times) {
    for (; times > 0; --times) {
      product_ *= factor;
      if (product_ < 1e-200 || product_ > 1e200) flush();
    }
  }
  double value() {
    flush();
    return log_;
  }

 private:
  void flush() {
    log_ += std::log(product_);
    product_ = 1.0;
  }
  double product_ = 1.0, log_ = 0.0;
};

/// The kept bins of one unit in one trial, and what was seen around them.
class KeptBins {
 public:
  KeptBins(const std::uint16_t* counts, const std::uint8_t* hidden, std::size_t bins) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (hidden != nullptr && hidden[bin] != 0) continue;
      if (counts[bin] > 0) with_spikes_.push_back({static_cast<Eigen::Index>(kept_.size()), counts[bin]});
      kept_.push_back(bin);
    }
    spikes_.resize(static_cast<Eigen::Index>(kept_.size()));
    bins_.resize(spikes_.size());
  }

  /// Where nothing was seen around a bin, the unit's mean count takes its place, whatever the prior is.
  void see(const float* spikes, const float* bins, double mean_count) {
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      const bool seen = bins[kept_[i]] > 0.0f;
      spikes_[static_cast<Eigen::Index>(i)] = seen ? spikes[kept_[i]] : static_cast<float>(mean_count);
      bins_[static_cast<Eigen::Index>(i)] = seen ? bins[kept_[i]] : 1.0f;
    }
  }

  /// Poisson log-likelihood of the counts but for terms that do not depend on the rates; `mean_count`, the
  /// unit's, is above 0.
  double log_likelihood(double prior_spikes, double mean_count, float floor) {
    const auto prior = static_cast<float>(prior_spikes);
    const auto prior_bins = static_cast<float>(prior_spikes / mean_count);
    expected_ = ((spikes_ + prior) / (bins_ + prior_bins)).max(floor);
    LogProduct product;
    for (const auto& [at, count] : with_spikes_) product.multiply(double{expected_[at]}, count);
    return product.value() - expected_.cast<double>().sum();
  }

 private:
  struct WithSpikes {
    Eigen::Index at;
    std::uint16_t count;
  };
  std::vector<std::size_t> kept_;
  std::vector<WithSpikes> with_spikes_;
  Eigen::ArrayXf spikes_, bins_, expected_;
};

void check_grid(const KernelGrid& grid) {
  for (const std::vector<double>* values : {&grid.sigmas_ms, &grid.prior_spikes}) {
    if (values->empty() || !(*std::min_element(values->begin(), values->end()) >= 0.0)) {
      throw Error(ErrorKind::config,
                  "kernel widths and priors to choose from: expected at least one, none below 0");
    }
  }
}

std::vector<double> mean_counts(const Array<std::uint16_t, 3>& counts, const Hidden& hidden) {
  return mean_kept_rate_hz(counts, hidden, 1000.0);
}

}  // namespace

SpikesSeen kept_counts(const Array<std::uint16_t, 3>& counts, const Hidden& hidden) {
  check_hidden(counts, hidden);
  SpikesSeen seen{Array<float, 3>(counts.shape()), Array<float, 3>(counts.shape())};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (hidden.size() != 0 && hidden.values()[i] != 0) continue;
    seen.spikes.values()[i] = counts.values()[i];
    seen.bins.values()[i] = 1.0f;
  }
  return seen;
}

std::vector<Kernel> choose_kernels(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, double bin_ms,
                                   const KernelGrid& grid, const SpikesSeen& seen, OwnBin own_bin,
                                   const std::stop_token& stop) {
  check_grid(grid);
  const auto [trials, units, bins] = counts.shape();
  const std::vector<double> means = mean_counts(counts, hidden);
  const std::size_t priors = grid.prior_spikes.size();
  const auto floor = static_cast<float>(floor_hz * bin_ms / 1000.0);
  std::vector<Kernel> best(units);
  std::vector<double> most(units, -std::numeric_limits<double>::infinity());
  std::vector<KeptBins> rows;
  for (std::size_t row = 0; row < counts.size(); row += bins)
    rows.emplace_back(counts.data() + row, hidden.size() != 0 ? hidden.data() + row : nullptr, bins);
  for (const double sigma_ms : grid.sigmas_ms) {
    end_if_stopped(stop);
    const std::vector<float> weights = gaussian_weights(sigma_ms / bin_ms, bins, own_bin);
    WeightedSums spikes_around(bins, weights), bins_around(bins, weights);
    Array<double, 2> likelihoods({units, priors});
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::size_t unit = row % units;
      if (!(means[unit] > 0.0)) continue;
      rows[row].see(spikes_around.of(seen.spikes.data() + row * bins),
                    bins_around.of(seen.bins.data() + row * bins), means[unit]);
      for (std::size_t prior = 0; prior < priors; ++prior)
        likelihoods(unit, prior) += rows[row].log_likelihood(grid.prior_spikes[prior], means[unit], floor);
    }
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t prior = 0; prior < priors; ++prior) {
        if (!(likelihoods(unit, prior) > most[unit])) continue;
        most[unit] = likelihoods(unit, prior);
        best[unit] = {sigma_ms, grid.prior_spikes[prior]};
      }
    }
  }
  return best;
}

Array<float, 3> kernel_rate_hz(std::span<const double> means_hz, double bin_ms,
                               const std::vector<Kernel>& kernels, const SpikesSeen& seen) {
  const auto [rows, units, bins] = seen.spikes.shape();
  Array<float, 3> rates_hz(seen.spikes.shape());
  for (std::size_t unit = 0; unit < units; ++unit) {
    if (!(means_hz[unit] > 0.0)) continue;
    const Kernel& kernel = kernels[unit];
    const double mean_count = means_hz[unit] * bin_ms / 1000.0;
    const double prior_bins = kernel.prior_spikes / mean_count;
    const std::vector<float> weights = gaussian_weights(kernel.sigma_ms / bin_ms, bins, OwnBin::used);
    WeightedSums spikes_around(bins, weights), bins_around(bins, weights);
    for (std::size_t row = 0; row < rows; ++row) {
      const float* spikes = spikes_around.of(&seen.spikes(row, unit, 0));
      const float* bins_seen = bins_around.of(&seen.bins(row, unit, 0));
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const double bins_and_prior = prior_bins + double{bins_seen[bin]};
        const double count =
            bins_and_prior > 0.0 ? (kernel.prior_spikes + double{spikes[bin]}) / bins_and_prior : mean_count;
        rates_hz(row, unit, bin) = static_cast<float>(count * 1000.0 / bin_ms);
      }
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
