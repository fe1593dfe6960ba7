#include "infer_write/score.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include "neural/fits.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"
#include "neural/smoothing.hpp"

namespace rnn_rates::infer_write {
namespace {

/// Group of the metrics that speak of all fits together.
const std::string session_group = "session";

/// Observed counts of the fit's trials and units as rates, over the bins that have a prediction.
Array<float, 3> observed_hz(const artifact::SessionBins& bins, const artifact::FitRates& fit) {
  const neural::Fit which = neural::fit_of_trials(fit.units, fit.trial_taste);
  const auto counts = neural::counts_of_fit(bins.counts, which);
  return neural::select_rates(neural::rate_hz(counts, bins.bin_ms()), neural::all_indices(counts.extent(0)),
                              bins.bins() - fit.rate_hz.extent(2));
}

void add_bits_per_spike(const artifact::SessionBins& bins, const artifact::FitRates& fit,
                        std::vector<artifact::Metric>& metrics) {
  const Array<float, 3> observed = observed_hz(bins, fit);
  std::vector<bool> held_out(fit.trial_taste.size(), false);
  for (const std::uint32_t trial : fit.test_trials) held_out[trial] = true;
  std::vector<std::uint32_t> train;
  for (std::uint32_t trial = 0; trial < held_out.size(); ++trial) {
    if (!held_out[trial]) train.push_back(trial);
  }
  const auto add = [&](const std::string& name, const std::string& meaning,
                       const std::vector<std::uint32_t>& trials) {
    if (trials.empty()) return;
    const double bits = neural::bits_per_spike(neural::select_rates(fit.rate_hz, trials, 0),
                                               neural::select_rates(observed, trials, 0));
    if (std::isfinite(bits)) metrics.push_back({fit.name, name, meaning, "bits per spike", bits});
  };
  if (fit.has_folds()) {
    const double bits = neural::bits_per_spike(fit.rate_out_of_fold_hz, observed);
    if (std::isfinite(bits)) {
      metrics.push_back(
          {fit.name, "bits_per_spike_out_of_fold",
           "information on spikes of trials that the network was not trained on, but saw, against "
           "each unit's mean rate",
           "bits per spike", bits});
    }
    return;
  }
  add("bits_per_spike_train", "information on trained trials' spikes, against each unit's mean rate", train);
  add("bits_per_spike_test", "information on held-out trials' spikes, against each unit's mean rate",
      fit.test_trials);
}

/// The rates of all fits in one array (trial of all tastes in order, unit, predicted bin).
Array<float, 3> assemble(const artifact::SessionBins& bins, const std::vector<artifact::FitRates>& fits) {
  std::vector<std::size_t> first_trial(bins.counts.size() + 1, 0);
  for (std::size_t taste = 0; taste < bins.counts.size(); ++taste) {
    first_trial[taste + 1] = first_trial[taste] + bins.counts[taste].extent(0);
  }
  const std::size_t predicted = fits.front().rate_hz.extent(2);
  Array<float, 3> all({first_trial.back(), bins.units(), predicted});
  for (const artifact::FitRates& fit : fits) {
    std::vector<std::size_t> next = first_trial;
    for (std::size_t trial = 0; trial < fit.trial_taste.size(); ++trial) {
      const std::size_t row = next[fit.trial_taste[trial]]++;
      for (std::size_t u = 0; u < fit.units.size(); ++u) {
        std::copy_n(&fit.rate_hz(trial, u, 0), predicted, &all(row, fit.units[u], 0));
      }
    }
  }
  return all;
}

using Window = std::function<Array<float, 3>(const Array<float, 3>&)>;

/// The kernel is given the width that suits the truth best, which no user can know: the most it can do.
Array<float, 3> best_gaussian(const Array<std::uint16_t, 3>& counts, double bin_ms,
                              const Array<float, 3>& truth, const Window& window) {
  Array<float, 3> best;
  double best_r2 = -std::numeric_limits<double>::infinity();
  for (const double sigma_ms : {25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0}) {
    Array<float, 3> rates = window(neural::gaussian_rate_hz(counts, bin_ms, sigma_ms));
    const double r2 = neural::r2(rates, truth).pooled;
    if (r2 <= best_r2) continue;
    best_r2 = r2;
    best = std::move(rates);
  }
  return best;
}

void add_true_r2(const artifact::SessionBins& bins, const std::vector<artifact::FitRates>& fits,
                 std::vector<artifact::Metric>& metrics) {
  const neural::Fit everything{.region = "all",
                               .taste = "all",
                               .units = neural::all_indices(bins.units()),
                               .tastes = neural::all_indices(bins.counts.size())};
  const auto counts = neural::counts_of_fit(bins.counts, everything);
  const auto trial_taste = neural::trial_tastes(bins.counts, everything);
  const std::size_t first_bin = bins.bins() - fits.front().rate_hz.extent(2);
  const Window window = [&](const Array<float, 3>& rates) {
    return neural::select_rates(rates, neural::all_indices(rates.extent(0)), first_bin);
  };
  const Array<float, 3> truth = window(*bins.true_rate_hz);
  const auto add = [&](const std::string& name, const std::string& what, const Array<float, 3>& rates) {
    const double value = neural::r2(rates, truth).pooled;
    if (std::isfinite(value)) {
      metrics.push_back(
          {session_group, "true_r2_" + name, "R2 of single-trial rates, " + what + ", pooled", "1", value});
    }
  };
  const double bin_ms = bins.bin_ms();
  add("rnn", "those of rate_hz", assemble(bins, fits));
  add("gaussian", "Gaussian kernel of the best width", best_gaussian(counts, bin_ms, truth, window));
  add("boxcar_250ms", "boxcar of 250 ms", window(neural::boxcar_rate_hz(counts, bin_ms, 250)));
  add("trial_average", "mean of the taste's other trials, smoothed by 50 ms",
      window(neural::mean_of_other_trials(neural::gaussian_rate_hz(counts, bin_ms, 50), trial_taste)));
}

}  // namespace

std::vector<artifact::Metric> score(const artifact::SessionBins& bins,
                                    const std::vector<artifact::FitRates>& fits) {
  std::vector<artifact::Metric> metrics;
  for (const artifact::FitRates& fit : fits) add_bits_per_spike(bins, fit, metrics);
  if (bins.true_rate_hz) add_true_r2(bins, fits, metrics);
  return metrics;
}

}  // namespace rnn_rates::infer_write
