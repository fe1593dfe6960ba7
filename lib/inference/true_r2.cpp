#include "inference/true_r2.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "neural/fits.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"
#include "neural/smoothing.hpp"

namespace rnn_rates::inference {
namespace {

using Rates = Array<float, 3>;
using Window = std::function<Rates(const Rates&)>;

/// The kernel is given the width that suits the truth best, which no user can know: the most it can do.
double best_gaussian_r2(const Array<std::uint16_t, 3>& counts, double bin_ms, const Rates& truth,
                        const Window& window) {
  double best = -std::numeric_limits<double>::infinity();
  for (const double sigma_ms : {25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0})
    best =
        std::max(best, neural::r2(window(neural::gaussian_rate_hz(counts, bin_ms, sigma_ms)), truth).pooled);
  return best;
}

}  // namespace

std::vector<double> add_squared_errors(std::vector<double> sums, const KnownSession& session,
                                       const FitRates& rates) {
  std::vector<std::size_t> next(session.taste_counts.size(),
                                0);  // (taste) row of its next trial in the truth
  for (std::size_t taste = 1; taste < next.size(); ++taste)
    next[taste] = next[taste - 1] + session.taste_counts[taste - 1].extent(0);
  const auto [trials, units, bins] = rates.rate_hz.shape();
  const std::size_t first_bin = session.rate_hz.extent(2) - bins;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const std::size_t row = next[rates.trial_taste[trial]]++;
    for (std::size_t unit = 0; unit < units; ++unit) {
      const float* truth = &session.rate_hz(row, rates.units[unit], first_bin);
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const double miss = rates.rate_hz(trial, unit, bin) - double{truth[bin]};
        sums[rates.units[unit]] += miss * miss;
      }
    }
  }
  return sums;
}

std::vector<Metric> true_r2(const KnownSession& session, std::span<const double> squared_errors,
                            std::size_t bins) {
  const std::size_t units = session.rate_hz.extent(1), first_bin = session.rate_hz.extent(2) - bins;
  const neural::Fit everything{.region = "all",
                               .taste = "all",
                               .units = neural::all_indices(units),
                               .tastes = neural::all_indices(session.taste_counts.size())};
  const auto counts = neural::counts_of_fit(session.taste_counts, everything);
  const auto trial_taste = neural::trial_tastes(session.taste_counts, everything);
  const Window window = [&](const Rates& rates) {
    return neural::trials_of(rates, neural::all_indices(rates.extent(0)), first_bin);
  };
  const Rates truth = window(session.rate_hz);
  std::vector<Metric> metrics;
  const auto add = [&](const std::string& name, const std::string& what, double r2) {
    if (!std::isfinite(r2)) return;
    metrics.push_back(
        {"session", "true_r2_" + name, "R2 of single-trial rates, " + what + ", pooled", "1", r2});
  };
  const double bin_ms = session.bin_ms;
  add("published", "the published rates against the known ones", neural::pooled_r2(squared_errors, truth));
  add("gaussian", "Gaussian kernel of the best width", best_gaussian_r2(counts, bin_ms, truth, window));
  add("boxcar_250ms", "boxcar of 250 ms",
      neural::r2(window(neural::boxcar_rate_hz(counts, bin_ms, boxcar_ms)), truth).pooled);
  add("condition_average", "mean of the taste's other trials, smoothed by 50 ms",
      neural::r2(
          window(neural::mean_of_other_trials(neural::gaussian_rate_hz(counts, bin_ms, 50), trial_taste)),
          truth)
          .pooled);
  return metrics;
}

}  // namespace rnn_rates::inference
