#include <Eigen/Cholesky>
#include <algorithm>

#include "core/stop_token.hpp"
#include "neural/plds.hpp"

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXf;
using Eigen::VectorXd;

namespace {

/// What an expectation maximisation step needs to know of the posteriors.
struct Moments {
  Moments(Index units, Index latents)
      : first(VectorXd::Zero(latents)),
        first_square(MatrixXd::Zero(latents, latents)),
        before(first_square),
        after(first_square),
        lagged(first_square),
        spikes(MatrixXd::Zero(units, latents + 1)),
        expected(spikes),
        of_variance(MatrixXd::Zero(units, packed(latents, 0))),
        of_square(of_variance) {}

  double trials = 0.0, transitions = 0.0, log_evidence = 0.0;
  VectorXd first;          // sum over trials of x(0)
  MatrixXd first_square;   // of x(0) x(0)'
  MatrixXd before, after;  // sum over transitions of x(t) x(t)' and x(t + 1) x(t + 1)'
  MatrixXd lagged;         // of x(t + 1) x(t)'
  // Sums over what is seen, (active unit, ...), the last column of the first two that of 1 in the place of x.
  MatrixXd spikes, expected;        // of count x', expected count x'
  MatrixXd of_variance, of_square;  // of expected count times packed variance of x, and packed x x'
};

MatrixXd unpack(const VectorXd& lower, Index size) {
  MatrixXd whole(size, size);
  for (Index i = 0; i < size; ++i) {
    for (Index j = 0; j <= i; ++j) whole(i, j) = whole(j, i) = lower[packed(i, j)];
  }
  return whole;
}

/// (bin, ...) of one lane.
MatrixXd rows_of_lane(const MatrixXd& rows, Index lane) {
  using EachBin = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  return Eigen::Map<const MatrixXd, 0, EachBin>(rows.data() + lane, rows.rows() / lanes, rows.cols(),
                                                EachBin(rows.rows(), lanes));
}

void add_dynamics(const PldsPosterior& posterior, Index trials, Moments& moments) {
  const Index size = posterior.mean.cols(), later = posterior.mean.rows() / lanes - 1;
  for (Index lane = 0; lane < trials; ++lane) {
    const MatrixXd mean = rows_of_lane(posterior.mean, lane),
                   variance = rows_of_lane(posterior.covariance.diagonal, lane);
    const VectorXd all = variance.colwise().sum();
    moments.first += mean.row(0);
    moments.first_square += mean.row(0).transpose() * mean.row(0) + unpack(variance.row(0), size);
    moments.before += mean.topRows(later).transpose() * mean.topRows(later) +
                      unpack(all - variance.row(later).transpose(), size);
    moments.after += mean.bottomRows(later).transpose() * mean.bottomRows(later) +
                     unpack(all - variance.row(0).transpose(), size);
    // A row of `above` is cov(x(t), x(t + 1)) row by row, which is its transpose column by column.
    const VectorXd above = rows_of_lane(posterior.covariance.above, lane).colwise().sum();
    moments.lagged += mean.bottomRows(later).transpose() * mean.topRows(later) +
                      Eigen::Map<const MatrixXd>(above.data(), size, size);
    moments.log_evidence += posterior.log_evidence[lane];
  }
  moments.trials += static_cast<double>(trials);
  moments.transitions += static_cast<double>(trials * later);
}

void add_loadings(const Plds& model, const PldsBatch& batch, const PldsPosterior& posterior,
                  Moments& moments) {
  const Index latents = posterior.mean.cols();
  const MatrixXd expected = plds_expected_counts(model, batch, posterior).cwiseProduct(batch.seen);
  moments.spikes.leftCols(latents) += batch.counts.transpose() * posterior.mean;
  moments.spikes.rightCols<1>() += batch.counts.colwise().sum().transpose();
  moments.expected.leftCols(latents) += expected.transpose() * posterior.mean;
  moments.expected.rightCols<1>() += expected.colwise().sum().transpose();
  // The largest products, in single precision, which is as good for a step.
  const MatrixXf weights = expected.cast<float>().transpose();
  moments.of_variance += (weights * posterior.covariance.diagonal.cast<float>()).cast<double>();
  moments.of_square += (weights * packed_products(posterior.mean).cast<float>()).cast<double>();
}

void maximise_dynamics(const Moments& moments, Plds& model) {
  const MatrixXd identity = MatrixXd::Identity(model.dynamics.rows(), model.dynamics.rows());
  model.dynamics = (moments.before + 1e-3 * identity).llt().solve(moments.lagged.transpose()).transpose();
  const MatrixXd cross = model.dynamics * moments.lagged.transpose();
  const MatrixXd innovation = (moments.after - cross - cross.transpose() +
                               model.dynamics * moments.before * model.dynamics.transpose()) /
                              moments.transitions;
  const auto inverse = [&](const MatrixXd& covariance) -> MatrixXd {
    return MatrixXd(0.5 * (covariance + covariance.transpose())).llt().solve(identity);
  };
  model.precision = inverse(innovation + 1e-5 * identity);
  model.first_mean = moments.first / moments.trials;
  model.first_precision = inverse(moments.first_square / moments.trials -
                                  model.first_mean * model.first_mean.transpose() + 1e-3 * identity);
}

/// One Newton step per unit on the expected log-likelihood with a normal prior of the loadings. Of the second
/// derivative, terms with a product of a variance and a mean, or of two variances, are left out.
void improve_loadings(const Moments& moments, Plds& model) {
  constexpr double ridge = 0.1, longest_step = 1.0;
  const Index latents = model.loadings.cols();
  for (Index unit = 0; unit < model.loadings.rows(); ++unit) {
    const MatrixXd of_variance = unpack(moments.of_variance.row(unit), latents);
    VectorXd gradient = moments.spikes.row(unit) - moments.expected.row(unit);
    gradient.head(latents) -=
        (of_variance + ridge * MatrixXd::Identity(latents, latents)) * model.loadings.row(unit).transpose();
    MatrixXd curvature = 1e-6 * MatrixXd::Identity(latents + 1, latents + 1);
    curvature.topLeftCorner(latents, latents) += unpack(moments.of_square.row(unit), latents) + of_variance;
    curvature.diagonal().head(latents).array() += ridge;
    curvature.col(latents) += moments.expected.row(unit).transpose();
    curvature.row(latents).head(latents) = curvature.col(latents).head(latents).transpose();
    VectorXd step = curvature.llt().solve(gradient);
    step *= std::min(1.0, longest_step / (step.cwiseAbs().maxCoeff() + 1e-9));
    model.loadings.row(unit) += step.head(latents).transpose();
    model.offset[unit] += step[latents];
  }
}

}  // namespace

double improve_plds(std::span<const PldsBatch> batches, Plds& model, std::span<MatrixXd> latents,
                    const std::stop_token& stop) {
  constexpr int newton_steps = 1;
  Moments moments(model.loadings.rows(), model.loadings.cols());
  for (std::size_t i = 0; i < batches.size(); ++i) {
    end_if_stopped(stop);
    PldsPosterior posterior = plds_posterior(model, batches[i], latents[i], newton_steps);
    add_dynamics(posterior, static_cast<Index>(batches[i].trials.size()), moments);
    add_loadings(model, batches[i], posterior, moments);
    latents[i] = std::move(posterior.mean);
  }
  maximise_dynamics(moments, model);
  improve_loadings(moments, model);
  return moments.log_evidence / moments.trials;
}

}  // namespace rnn_rates::neural
