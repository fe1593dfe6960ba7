#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/array.hpp"
#include "neural/block_tridiagonal.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Poisson linear dynamical system. With x(t) the latents of a trial in bin t,
///   x(0) ~ normal(first_mean, inverse of first_precision),
///   x(t) ~ normal(dynamics x(t - 1), inverse of precision),
///   count(u, t) ~ Poisson(exp(offset(u) + loadings(u) x(t) + log_gain(trial, u))).
struct Plds {
  std::vector<std::uint32_t> units;  ///< (active) those that spike in the trials fitted
  Eigen::MatrixXd dynamics;          ///< (latent, latent)
  Eigen::MatrixXd precision;         ///< (latent, latent)
  Eigen::VectorXd first_mean;        ///< (latent)
  Eigen::MatrixXd first_precision;   ///< (latent, latent)
  Eigen::MatrixXd loadings;          ///< (active, latent)
  Eigen::VectorXd offset;            ///< (active) log of spikes per bin
};

/// What may be seen of up to `lanes` trials, in rows bin * lanes + lane; nothing where there is no trial.
struct PldsBatch {
  std::vector<std::uint32_t> trials;  ///< (lane)
  Eigen::MatrixXd counts;             ///< (row, active unit) 0 where not seen
  Eigen::MatrixXd seen;               ///< (row, active unit) 1 or 0
  Eigen::MatrixXd log_gain;           ///< (lane, active unit)
};

/// Of these trials, `lanes` at most. `log_gain` (trial, unit) is 0 where it is empty.
PldsBatch make_batch(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                     const Array<double, 2>& log_gain, std::span<const std::uint32_t> trials,
                     std::span<const std::uint32_t> units);

/// The trials from `first` on that make a batch.
inline std::span<const std::uint32_t> batch_at(std::span<const std::uint32_t> trials, std::size_t first) {
  return trials.subspan(first, std::min<std::size_t>(lanes, trials.size() - first));
}

/// Of the latents (row, latent) of a batch.
struct PldsDensity {
  Eigen::VectorXd log_density;  ///< (lane) of latents and counts but for constants of model and counts
  Eigen::MatrixXd expected;     ///< (row, active unit) spikes; 0 where not seen
};
PldsDensity plds_density(const Plds& model, const PldsBatch& batch, const Eigen::MatrixXd& latents);

/// (row, latent) the gradient of log_density.
Eigen::MatrixXd plds_gradient(const Plds& model, const PldsBatch& batch, const Eigen::MatrixXd& latents,
                              const PldsDensity& density);

/// Minus the second derivative of log_density.
BlockTridiagonal plds_precision(const Plds& model, const PldsDensity& density);

/// Laplace's approximation: the normal distribution at the mode.
struct PldsPosterior {
  Eigen::MatrixXd mean;                  ///< (row, latent)
  BlockTridiagonal::Inverse covariance;  ///< of each bin, and of each bin with the next
  Eigen::VectorXd log_evidence;          ///< (lane) of the counts but for the sum of log(count!)
};

/// Newton steps from the latents `start` (row, latent), halved where they overshoot, until one adds less than
/// 1e-3 to the log density of every trial, but at most `most_steps`. Where that one was the last,
/// the covariance is that before it.
PldsPosterior plds_posterior(const Plds& model, const PldsBatch& batch, const Eigen::MatrixXd& start,
                             int most_steps);

/// (row, active unit) expected spikes of all bins, seen or not.
Eigen::MatrixXd plds_expected_counts(const Plds& model, const PldsBatch& batch,
                                     const PldsPosterior& posterior);

/// (row, latent * (latent + 1) / 2) the products of a row's elements, packed; `off_diagonal` times those of
/// two different ones.
Eigen::MatrixXd packed_products(const Eigen::MatrixXd& rows, double off_diagonal = 1.0);

}  // namespace rnn_rates::neural
