#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "core/array.hpp"
#include "neural/folds.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Gaussian-process factor analysis (Yu, Cunningham, Santhanam, Ryu, Shenoy, Sahani 2009, J Neurophysiol 102:
/// 614-635). Of unit u in bin t the square root of the count is
///   y(u, t) = offset(u) + sum over latents i of loadings(u, i) x(i, t) + noise of variance
///   noise_variance(u),
/// each latent an independent Gaussian process over the bins of a trial with variance 1: (1 - 1e-3) times a
/// squared exponential of its timescale plus 1e-3 of white noise, as in the paper.
struct Gpfa {
  std::vector<std::uint32_t> units;    ///< (active) the units whose counts vary in the trials fitted
  Array<double, 2> loadings;           ///< (active, latent)
  std::vector<double> offset;          ///< (active)
  std::vector<double> noise_variance;  ///< (active) at least 1 % of the variance of y, as in the paper
  std::vector<double> timescale_bins;  ///< (latent) standard deviation of the squared exponential
  double log_likelihood = 0;           ///< of the trials fitted, at the last iteration but one
  std::uint32_t iterations = 0;
  bool converged = false;
};

/// Steps of expectation maximisation, if the likelihood still grows.
inline constexpr std::size_t most_gpfa_iterations = 200;

/// Fits `latents` latents to the trials `trials` of `counts` (trial, unit, bin) by expectation maximisation
/// from a factor analysis and timescales of 4 bins, until an iteration adds less than 1e-4 to the
/// log-likelihood per bin, but at most 200 times. Timescales maximise the expected
/// log-likelihood in a search over their logarithm.
///
/// While fitting, the covariance of each latent is replaced by the nearest matrix that has the discrete
/// cosines as eigenvectors. Frequencies are then independent (compare Keeley, Aoi, Yu, Smith, Pillow 2020,
/// NeurIPS), and an iteration costs bins * (units^2 * latents + latents^3) whatever the number of trials.
/// predict_gpfa has no such approximation. `latents` is cut down to the number of active units.
Gpfa fit_gpfa(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
              std::size_t latents);

/// Continues fit_gpfa where `model` stands, from a Gpfa without iterations to `max_iterations` of them: an
/// interrupted fit gives what an uninterrupted one gives, bit for bit. Throws Error(stopped) once
/// `stop` is requested; `model` then has the iterations so far.
void go_on_fitting_gpfa(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
                        std::size_t latents, std::size_t max_iterations, Gpfa& model,
                        const std::stop_token& stop = {});

/// Log-likelihood of the trials `trials` under the model as it is fitted. This and all below throw
/// Error(stopped) once `stop` is requested.
double gpfa_log_likelihood(const Gpfa& model, const Array<std::uint16_t, 3>& counts,
                           std::span<const std::uint32_t> trials, const std::stop_token& stop = {});

/// A fit to the trials outside `fold`, finished or not.
struct GpfaFit {
  std::uint32_t fold;
  std::uint32_t latents;
  Gpfa model;
};

/// One model per fold, fitted to the trials outside it.
struct GpfaFolds {
  Folds folds;                                   ///< over trials
  std::uint32_t latents;                         ///< as many as predict the first fold's trials best
  std::vector<Gpfa> models;                      ///< (fold) without units where `latents` is 0
  std::vector<std::vector<double>> count_scale;  ///< (fold, active unit) of gpfa_count_scale
};

/// Fits each fold with the number of latents of `latent_counts` under which the trials of the first fold,
/// held out, have the largest log-likelihood; with none, so that rates are the units' means, where units that
/// share nothing have a larger one. `folds` are over trials. Continues from `fits`, empty to begin
/// with, which hold all fits so far where Error(stopped) is thrown. Throws Error(config) if a fold would
/// leave no trial to fit, or `latent_counts` is empty.
GpfaFolds cross_fit_gpfa(const Array<std::uint16_t, 3>& counts, const Folds& folds,
                         std::span<const std::uint32_t> latent_counts, std::vector<GpfaFit>& fits,
                         const std::stop_token& stop = {});

/// What to multiply the counts with that `model` expects (active unit), for their means over the trials
/// `trials`, which it was fitted to, to be right: spikes are not Poisson, as predict_gpfa takes them to be.
std::vector<double> gpfa_count_scale(const Gpfa& model, const Array<std::uint16_t, 3>& counts,
                                     std::span<const std::uint32_t> trials, const std::stop_token& stop = {});

/// Rates (trial, unit, bin) in Hz from the latents' posterior means given the kept counts of the same trial,
/// under the model that did not see the trial: exact but for directions with a prior variance below 1 %,
/// whose latents would hardly move. A unit hidden in a whole trial is predicted from the others
/// (co-smoothing).
///
/// The expected root m = offset + loadings x has the posterior variance v; with g(m) the Poisson mean whose
/// expected root is m (0 for m <= 0), the expected count is the mean of g over that normal distribution, by
/// Gauss-Hermite quadrature of 3 points. Squaring m instead would miss the variance of the root, about 1/4 of
/// a spike at high rates and nearly the whole count at low ones. Rates are multiplied by gpfa_count_scale. A
/// unit that never spikes in the trials fitted gets its mean rate over the kept entries.
Array<float, 3> predict_gpfa(const GpfaFolds& folds, const Array<std::uint16_t, 3>& counts,
                             const Hidden& hidden, double bin_ms, const std::stop_token& stop = {});

}  // namespace rnn_rates::neural
