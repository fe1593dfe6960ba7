#include "neural/gpfa.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "core/error.hpp"
#include "core/stop_token.hpp"
#include "neural/eigen_decomposition.hpp"
#include "neural/gp_prior.hpp"
#include "neural/matrix.hpp"

namespace rnn_rates::neural {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double least_noise_share = 0.01;
constexpr double first_timescale_bins = 4.0;
constexpr double least_gain = 1e-4;

/// Sums over trials of the outer product (unit, unit) of the cosine transform of the centred roots, per
/// frequency; all that the likelihood depends on. Where units are more than samples, each is kept as the
/// factor (unit, trial) that times its transpose gives it.
struct Moments {
  std::vector<MatrixXd> frequency;
  double samples;  ///< how many outer products each holds
  bool factors = false;

  MatrixXd times(Index j, const MatrixXd& right) const {
    const MatrixXd& moment = frequency[static_cast<std::size_t>(j)];
    if (factors) return moment * (moment.transpose() * right);
    return moment * right;
  }
  /// The sum of the diagonal, each over its element of `noise_variance`.
  double weighted_trace(Index j, const VectorXd& noise_variance) const {
    const MatrixXd& moment = frequency[static_cast<std::size_t>(j)];
    if (factors) return moment.rowwise().squaredNorm().cwiseQuotient(noise_variance).sum();
    return moment.diagonal().cwiseQuotient(noise_variance).sum();
  }
};

struct Parameters {
  MatrixXd loadings;        // (unit, latent)
  VectorXd noise_variance;  // (unit)
  VectorXd timescale_bins;  // (latent)
};

/// The prior variance of a latent along each cosine.
VectorXd spectrum(double timescale_bins, const MatrixXd& products) {
  return products * gp_covariance(timescale_bins, static_cast<std::size_t>(products.cols()));
}

MatrixXd spectra(const VectorXd& timescale_bins, const MatrixXd& products) {
  MatrixXd variance(products.rows(), timescale_bins.size());
  for (Index i = 0; i < timescale_bins.size(); ++i) variance.col(i) = spectrum(timescale_bins[i], products);
  return variance;
}

/// The roots of one trial's counts (unit, bin) of the units `units`.
MatrixXd roots(const Array<std::uint16_t, 3>& counts, std::size_t trial,
               std::span<const std::uint32_t> units) {
  MatrixXd result(static_cast<Index>(units.size()), static_cast<Index>(counts.extent(2)));
  for (Index u = 0; u < result.rows(); ++u) {
    const std::uint16_t* row = &counts(trial, units[static_cast<std::size_t>(u)], 0);
    for (Index t = 0; t < result.cols(); ++t) result(u, t) = std::sqrt(static_cast<double>(row[t]));
  }
  return result;
}

Moments cosine_moments(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
                       std::span<const std::uint32_t> units, const VectorXd& offset,
                       const std::stop_token& stop) {
  const std::size_t bins = counts.extent(2);
  const MatrixXd basis = cosines(bins);
  const auto rows = static_cast<Index>(units.size()), columns = static_cast<Index>(trials.size());
  std::vector<MatrixXd> transformed(bins, MatrixXd(rows, columns));
  for (std::size_t n = 0; n < trials.size(); ++n) {
    end_if_stopped(stop);
    const MatrixXd centred = roots(counts, trials[n], units).colwise() - offset;
    const MatrixXd product = centred * basis;
    for (std::size_t j = 0; j < bins; ++j) {
      transformed[j].col(static_cast<Index>(n)) = product.col(static_cast<Index>(j));
    }
  }
  const double samples = static_cast<double>(trials.size());
  if (units.size() > trials.size() * bins) return {std::move(transformed), samples, true};
  Moments moments{{}, samples};
  for (MatrixXd& of_trials : transformed) {
    end_if_stopped(stop);
    moments.frequency.push_back(of_trials * of_trials.transpose());
    of_trials.resize(0, 0);
  }
  return moments;
}

/// That of all frequencies together, as if bins were independent samples.
Moments pooled(const Moments& moments, double samples) {
  const Index units = moments.frequency[0].rows(), trials = moments.frequency[0].cols();
  if (!moments.factors) {
    MatrixXd covariance = MatrixXd::Zero(units, units);
    for (const MatrixXd& moment : moments.frequency) covariance += moment / samples;
    return {{std::move(covariance)}, 1.0};
  }
  MatrixXd factor(units, trials * static_cast<Index>(moments.frequency.size()));
  for (std::size_t j = 0; j < moments.frequency.size(); ++j)
    factor.middleCols(static_cast<Index>(j) * trials, trials) = moments.frequency[j] / std::sqrt(samples);
  return {{std::move(factor)}, 1.0, true};
}

/// What the posterior of the latents says about the parameters.
struct Expectation {
  double log_likelihood = 0.0;
  MatrixXd cross;    // (unit, latent) sum of y x'
  MatrixXd second;   // (latent, latent) sum of x x'
  MatrixXd squares;  // (frequency, latent) sum over trials of x^2
};

/// Throws Error(stopped) between frequencies.
Expectation expect(const Moments& moments, const Parameters& now, const MatrixXd& prior,
                   const std::stop_token& stop) {
  const Index units = now.loadings.rows(), latents = now.loadings.cols();
  const MatrixXd weighted = now.noise_variance.cwiseInverse().asDiagonal() * now.loadings;
  const MatrixXd information = weighted.transpose() * now.loadings;
  const double constant =
      now.noise_variance.array().log().sum() + static_cast<double>(units) * std::log(2.0 * std::numbers::pi);
  Expectation result{0.0, MatrixXd::Zero(units, latents), MatrixXd::Zero(latents, latents),
                     MatrixXd(prior.rows(), latents)};
  for (Index j = 0; j < prior.rows(); ++j) {
    end_if_stopped(stop);
    MatrixXd precision = information;
    precision.diagonal() += prior.row(j).cwiseInverse();
    const Eigen::LLT<MatrixXd> cholesky(precision);
    const MatrixXd covariance = cholesky.solve(MatrixXd::Identity(latents, latents));
    const MatrixXd gain = weighted * covariance;  // posterior mean = gain' y
    const MatrixXd cross = moments.times(j, gain);
    const MatrixXd second = gain.transpose() * cross + moments.samples * covariance;
    result.cross += cross;
    result.second += second;
    result.squares.row(j) = second.diagonal();
    const double log_determinant = constant + prior.row(j).array().log().sum() +
                                   2.0 * cholesky.matrixL().toDenseMatrix().diagonal().array().log().sum();
    const double fit = moments.weighted_trace(j, now.noise_variance) - weighted.cwiseProduct(cross).sum();
    result.log_likelihood -= 0.5 * (moments.samples * log_determinant + fit);
  }
  return result;
}

/// Loadings and noise with the largest expected log-likelihood; `variance` (unit) is that of y.
void maximise_loadings(const Expectation& expected, const VectorXd& variance, double samples,
                       Parameters& parameters) {
  parameters.loadings = expected.second.llt().solve(expected.cross.transpose()).transpose();
  const VectorXd explained = parameters.loadings.cwiseProduct(expected.cross).rowwise().sum() / samples;
  parameters.noise_variance = (variance - explained).cwiseMax(least_noise_share * variance);
}

/// The timescale within a factor of 2 of `now` with the largest expected log-likelihood of one latent, whose
/// `squares` are summed over `samples` trials: golden-section search over its logarithm.
double best_timescale_bins(double now, const VectorXd& squares, double samples, const MatrixXd& products) {
  const auto misfit = [&](double log_timescale) {
    const VectorXd prior = spectrum(std::exp(log_timescale), products);
    return samples * prior.array().log().sum() + squares.cwiseQuotient(prior).sum();
  };
  double low = std::log(std::max(0.5, now / 2.0));
  double high = std::log(std::min(4.0 * static_cast<double>(squares.size()), now * 2.0));
  const double golden = 1.0 / std::numbers::phi;
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double at_a = misfit(a), at_b = misfit(b);
  while (high - low > 1e-3) {
    if (at_a < at_b) {
      high = b, b = a, at_b = at_a;
      a = high - golden * (high - low), at_a = misfit(a);
    } else {
      low = a, a = b, at_a = at_b;
      b = low + golden * (high - low), at_b = misfit(b);
    }
  }
  return std::exp((low + high) / 2.0);
}

/// (unit, latent) the largest principal axes, as long as the standard deviation along them.
MatrixXd principal_loadings(const Moments& pooled, Index latents, const std::stop_token& stop) {
  const MatrixXd& moment = pooled.frequency[0];
  if (!pooled.factors) {
    const auto solver = decompose(moment, stop);
    const VectorXd scale = solver.eigenvalues().tail(latents).cwiseMax(0.0).cwiseSqrt();
    return solver.eigenvectors().rightCols(latents) * scale.asDiagonal();
  }
  const auto solver = decompose(MatrixXd(moment.transpose() * moment), stop);
  const Index there = std::min(latents, moment.cols());
  MatrixXd loadings = MatrixXd::Zero(moment.rows(), latents);
  loadings.rightCols(there) = moment * solver.eigenvectors().rightCols(there);
  return loadings;
}

/// Factor analysis of all bins as independent samples, from the principal components: GPFA of one frequency
/// whose latents have variance 1.
Parameters factor_analysis(const Moments& pooled, const VectorXd& variance, Index latents,
                           const std::stop_token& stop) {
  Parameters parameters{principal_loadings(pooled, latents, stop), variance, {}};
  const MatrixXd prior = MatrixXd::Ones(1, latents);
  for (int iteration = 0; iteration < 50; ++iteration)
    maximise_loadings(expect(pooled, parameters, prior, stop), variance, 1.0, parameters);
  parameters.timescale_bins = VectorXd::Constant(latents, first_timescale_bins);
  return parameters;
}

std::vector<std::uint32_t> active_units(const Array<std::uint16_t, 3>& counts,
                                        std::span<const std::uint32_t> trials) {
  std::vector<std::uint32_t> units;
  for (std::uint32_t unit = 0; unit < counts.extent(1); ++unit) {
    const bool active = std::any_of(trials.begin(), trials.end(), [&](std::uint32_t trial) {
      const std::uint16_t* row = &counts(trial, unit, 0);
      return std::any_of(row, row + counts.extent(2),
                         [&](auto count) { return count != counts(trials[0], unit, 0); });
    });
    if (active) units.push_back(unit);
  }
  return units;
}

Parameters parameters_of(const Gpfa& model) {
  const auto [units, latents] = model.loadings.shape();
  return {matrix_view(model.loadings.data(), units, latents),
          Eigen::Map<const VectorXd>(model.noise_variance.data(), static_cast<Index>(units)),
          Eigen::Map<const VectorXd>(model.timescale_bins.data(), static_cast<Index>(latents))};
}

Gpfa model_of(const Parameters& parameters, std::vector<std::uint32_t> units, const VectorXd& offset) {
  const auto rows = static_cast<std::size_t>(parameters.loadings.rows());
  const auto latents = static_cast<std::size_t>(parameters.loadings.cols());
  Gpfa model{std::move(units),
             Array<double, 2>({rows, latents}),
             {offset.begin(), offset.end()},
             {parameters.noise_variance.begin(), parameters.noise_variance.end()},
             {parameters.timescale_bins.begin(), parameters.timescale_bins.end()}};
  matrix_view(model.loadings.data(), rows, latents) = parameters.loadings;
  return model;
}

}  // namespace

Gpfa fit_gpfa(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
              std::size_t latents) {
  Gpfa model;
  go_on_fitting_gpfa(counts, trials, latents, most_gpfa_iterations, model);
  return model;
}

void go_on_fitting_gpfa(const Array<std::uint16_t, 3>& counts, std::span<const std::uint32_t> trials,
                        std::size_t latents, std::size_t max_iterations, Gpfa& model,
                        const std::stop_token& stop) {
  if (model.converged || model.iterations >= max_iterations) return;
  const std::vector<std::uint32_t> units = active_units(counts, trials);
  if (units.empty()) return;
  const std::size_t bins = counts.extent(2);
  const double samples = static_cast<double>(trials.size() * bins);
  VectorXd offset = VectorXd::Zero(static_cast<Index>(units.size()));
  for (const std::uint32_t trial : trials) offset += roots(counts, trial, units).rowwise().sum() / samples;
  const MatrixXd products = lagged_products(bins);
  const Moments moments = cosine_moments(counts, trials, units, offset, stop);
  const Moments all = pooled(moments, samples);
  const VectorXd variance = all.factors ? VectorXd(all.frequency[0].rowwise().squaredNorm())
                                        : VectorXd(all.frequency[0].diagonal());

  const bool begins = model.iterations == 0;
  Parameters parameters =
      begins ? factor_analysis(all, variance, static_cast<Index>(std::min(latents, units.size())), stop)
             : parameters_of(model);
  double log_likelihood = begins ? -std::numeric_limits<double>::infinity() : model.log_likelihood;
  std::uint32_t iterations = model.iterations;
  bool improves = true;
  const auto keep = [&] {
    model = model_of(parameters, units, offset);
    model.log_likelihood = log_likelihood;
    model.iterations = iterations;
    model.converged = !improves;
  };
  try {
    for (; improves && iterations < max_iterations; ++iterations) {
      const Expectation expected =
          expect(moments, parameters, spectra(parameters.timescale_bins, products), stop);
      maximise_loadings(expected, variance, samples, parameters);
      for (Index i = 0; i < parameters.timescale_bins.size(); ++i) {
        parameters.timescale_bins[i] = best_timescale_bins(
            parameters.timescale_bins[i], expected.squares.col(i), moments.samples, products);
      }
      improves = expected.log_likelihood - log_likelihood > least_gain * samples;
      log_likelihood = expected.log_likelihood;
    }
  } catch (const Error&) {
    keep();
    throw;
  }
  keep();
}

double gpfa_log_likelihood(const Gpfa& model, const Array<std::uint16_t, 3>& counts,
                           std::span<const std::uint32_t> trials, const std::stop_token& stop) {
  if (model.units.empty()) return 0.0;
  const Parameters parameters = parameters_of(model);
  const Eigen::Map<const VectorXd> offset(model.offset.data(), parameters.loadings.rows());
  return expect(cosine_moments(counts, trials, model.units, offset, stop), parameters,
                spectra(parameters.timescale_bins, lagged_products(counts.extent(2))), stop)
      .log_likelihood;
}

}  // namespace rnn_rates::neural
