#include "neural/fold_rates.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/stop_token.hpp"
#include "neural/fits.hpp"
#include "neural/pca.hpp"

namespace rnn_rates::neural {

CombinedFolds combine_folds(std::span<const Array<float, 3>> log_counts, const Folds& folds, double bin_ms,
                            const std::stop_token& stop) {
  const auto [bins, trials, units] = log_counts.front().shape();
  const auto networks = static_cast<double>(log_counts.size());
  const double hz = 1000.0 / bin_ms;
  CombinedFolds rates{
      Array<double, 3>({trials, units, bins}), Array<double, 3>({trials, units, bins}), {}, {}};
  if (!folds.empty()) {
    rates.out_of_fold_hz = Array<float, 3>({trials, units, bins});
    rates.standard_error_hz = Array<float, 3>({trials, units, bins});
  }
  for (std::size_t trial = 0; trial < trials; ++trial) {
    end_if_stopped(stop);
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        double sum = 0, squares = 0;
        for (const auto& fold : log_counts) sum += fold(bin, trial, unit);
        const double mean = sum / networks;
        const double count = std::exp(mean);
        rates.log_counts(trial, unit, bin) = mean;
        rates.counts(trial, unit, bin) = count;
        if (folds.empty()) continue;
        for (const auto& fold : log_counts) squares += std::pow(fold(bin, trial, unit) - mean, 2);
        const double log_error = std::sqrt((networks - 1.0) / networks * squares);
        rates.standard_error_hz(trial, unit, bin) = static_cast<float>(count * hz * log_error);
        const double unseen = log_counts[folds.of(trial, bin)](bin, trial, unit);
        rates.out_of_fold_hz(trial, unit, bin) = static_cast<float>(std::exp(unseen) * hz);
      }
    }
  }
  return rates;
}

LogRateFactors factors_of_log_rates(const Array<double, 3>& log_counts, std::size_t rank,
                                    const std::stop_token& stop) {
  const auto [trials, units, bins] = log_counts.shape();
  LogRateFactors result;
  Array<double, 3> centred = log_counts;
  for (std::size_t unit = 0; unit < units; ++unit) {
    double sum = 0;
    for (std::size_t trial = 0; trial < trials; ++trial)
      sum = std::accumulate(&log_counts(trial, unit, 0), &log_counts(trial, unit, 0) + bins, sum);
    const double mean = sum / static_cast<double>(trials * bins);
    result.offset.push_back(static_cast<float>(mean));
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t bin = 0; bin < bins; ++bin) centred(trial, unit, bin) -= mean;
    }
  }
  const Pca pca = fit_pca(centred, all_indices(trials), 1.0, stop);
  const std::size_t factors = std::min(rank, pca.basis.extent(0));
  const Array<float, 3> scores = project(centred, pca, {}, stop);  // (trial, bin, component)
  result.factors = Array<float, 3>({trials, factors, bins});
  result.loadings = Array<float, 2>({factors, units});
  for (std::size_t factor = 0; factor < factors; ++factor) {
    for (std::size_t unit = 0; unit < units; ++unit)
      result.loadings(factor, unit) = static_cast<float>(pca.basis(factor, unit));
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t bin = 0; bin < bins; ++bin)
        result.factors(trial, factor, bin) = scores(trial, bin, factor);
    }
  }
  return result;
}

}  // namespace rnn_rates::neural
