#include "neural/plds_posterior.hpp"

#include <Eigen/Cholesky>
#include <algorithm>

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double least_gain = 1e-3;
constexpr int most_halvings = 12;
/// Of a log count, far above any: keeps a long step from overflowing.
constexpr double most_log_count = 20.0;

double log_determinant(const MatrixXd& positive_definite) {
  const Eigen::LLT<MatrixXd> cholesky(positive_definite);
  return 2.0 * cholesky.matrixLLT().diagonal().array().log().sum();
}

/// What the normalisation of the latents' prior adds.
double log_evidence_of_prior(const Plds& model, Index bins) {
  return 0.5 * (log_determinant(model.first_precision) +
                static_cast<double>(bins - 1) * log_determinant(model.precision));
}

/// (lane) sums over the bins.
VectorXd sum_over_bins(const VectorXd& rows) {
  return Eigen::Map<const MatrixXd>(rows.data(), lanes, rows.size() / lanes).rowwise().sum();
}

/// (row, active unit) where `latents` are exactly known.
MatrixXd log_counts(const Plds& model, const PldsBatch& batch, const MatrixXd& latents) {
  MatrixXd log_count = latents * model.loadings.transpose();
  log_count.rowwise() += model.offset.transpose();
  for (Index row = 0; row < log_count.rows(); row += lanes)
    log_count.middleRows<lanes>(row) += batch.log_gain;
  return log_count.cwiseMin(most_log_count);
}

/// What the dynamics do not explain, (row, latent) of the bins but the first.
MatrixXd innovations(const Plds& model, const MatrixXd& latents) {
  const Index later = latents.rows() - lanes;
  return latents.bottomRows(later) - latents.topRows(later) * model.dynamics.transpose();
}

MatrixXd first_deviation(const Plds& model, const MatrixXd& latents) {
  return latents.topRows<lanes>().rowwise() - model.first_mean.transpose();
}

}  // namespace

PldsBatch make_batch(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                     const Array<double, 2>& log_gain, std::span<const std::uint32_t> trials,
                     std::span<const std::uint32_t> units) {
  const auto bins = static_cast<Index>(counts.extent(2)), columns = static_cast<Index>(units.size());
  PldsBatch batch{{trials.begin(), trials.end()},
                  MatrixXd::Zero(bins * lanes, columns),
                  MatrixXd::Zero(bins * lanes, columns),
                  MatrixXd::Zero(lanes, columns)};
  for (std::size_t lane = 0; lane < trials.size(); ++lane) {
    const std::uint32_t trial = trials[lane];
    for (Index u = 0; u < columns; ++u) {
      const std::uint32_t unit = units[static_cast<std::size_t>(u)];
      const auto at_lane = static_cast<Index>(lane);
      if (log_gain.size() != 0) batch.log_gain(at_lane, u) = log_gain(trial, unit);
      for (std::size_t bin = 0; bin < counts.extent(2); ++bin) {
        if (hidden.size() != 0 && hidden(trial, unit, bin) != 0) continue;
        const Index row = static_cast<Index>(bin) * lanes + at_lane;
        batch.counts(row, u) = counts(trial, unit, bin);
        batch.seen(row, u) = 1.0;
      }
    }
  }
  return batch;
}

MatrixXd packed_products(const MatrixXd& rows, double off_diagonal) {
  MatrixXd products(rows.rows(), packed(rows.cols(), 0));
  for (Index i = 0; i < rows.cols(); ++i) {
    for (Index j = 0; j <= i; ++j)
      products.col(packed(i, j)) = (i == j ? 1.0 : off_diagonal) * rows.col(i).cwiseProduct(rows.col(j));
  }
  return products;
}

PldsDensity plds_density(const Plds& model, const PldsBatch& batch, const MatrixXd& latents) {
  const MatrixXd log_count = log_counts(model, batch, latents);
  PldsDensity density{{}, log_count.array().exp().matrix().cwiseProduct(batch.seen)};
  VectorXd rows = (batch.counts.cwiseProduct(log_count) - density.expected).rowwise().sum();
  const MatrixXd later = innovations(model, latents), first = first_deviation(model, latents);
  rows.bottomRows(later.rows()) -= 0.5 * (later * model.precision).cwiseProduct(later).rowwise().sum();
  rows.topRows<lanes>() -= 0.5 * (first * model.first_precision).cwiseProduct(first).rowwise().sum();
  density.log_density = sum_over_bins(rows);
  return density;
}

MatrixXd plds_gradient(const Plds& model, const PldsBatch& batch, const MatrixXd& latents,
                       const PldsDensity& density) {
  MatrixXd gradient = (batch.counts - density.expected) * model.loadings;
  const MatrixXd later = innovations(model, latents) * model.precision;
  gradient.bottomRows(later.rows()) -= later;
  gradient.topRows(later.rows()) += later * model.dynamics;
  gradient.topRows<lanes>() -= first_deviation(model, latents) * model.first_precision;
  return gradient;
}

BlockTridiagonal plds_precision(const Plds& model, const PldsDensity& density) {
  MatrixXd diagonal = density.expected * packed_products(model.loadings);
  const MatrixXd coupling = model.dynamics.transpose() * model.precision;
  const MatrixXd of_next = coupling * model.dynamics;
  const Index later = diagonal.rows() - lanes;
  for (Index i = 0; i < coupling.rows(); ++i) {
    for (Index j = 0; j <= i; ++j) {
      auto column = diagonal.col(packed(i, j)).array();
      column.head(later) += of_next(i, j);
      column.tail(later) += model.precision(i, j);
      column.head<lanes>() += model.first_precision(i, j);
    }
  }
  return {diagonal, coupling};
}

PldsPosterior plds_posterior(const Plds& model, const PldsBatch& batch, const MatrixXd& start,
                             int most_steps) {
  MatrixXd latents = start;
  PldsDensity density = plds_density(model, batch, latents);
  for (int taken = 1;; ++taken) {
    BlockTridiagonal precision = plds_precision(model, density);
    MatrixXd step = plds_gradient(model, batch, latents, density);
    precision.solve(step);
    MatrixXd stepped = latents + step;
    PldsDensity next = plds_density(model, batch, stepped);
    const auto overshoots = [&](Index lane) {
      return !(next.log_density[lane] >= density.log_density[lane] - 1e-9);
    };
    for (int halvings = 0; halvings < most_halvings; ++halvings) {
      bool any = false;
      for (Index lane = 0; lane < lanes; ++lane) {
        if (!overshoots(lane)) continue;
        any = true;
        const double share = halvings + 1 == most_halvings ? 0.0 : 0.5;
        for (Index row = lane; row < step.rows(); row += lanes) step.row(row) *= share;
      }
      if (!any) break;
      stepped = latents + step;
      next = plds_density(model, batch, stepped);
    }
    const double gain = (next.log_density - density.log_density).maxCoeff();
    latents = std::move(stepped);
    density = std::move(next);
    if (gain >= least_gain) {
      if (taken < most_steps) continue;
      precision = plds_precision(model, density);
    }
    VectorXd log_evidence = density.log_density - 0.5 * precision.log_determinant();
    log_evidence.array() += log_evidence_of_prior(model, latents.rows() / lanes);
    return {std::move(latents), precision.inverse(), std::move(log_evidence)};
  }
}

MatrixXd plds_expected_counts(const Plds& model, const PldsBatch& batch, const PldsPosterior& posterior) {
  const MatrixXd variance = posterior.covariance.diagonal * packed_products(model.loadings, 2.0).transpose();
  const MatrixXd log_count = log_counts(model, batch, posterior.mean) + 0.5 * variance;
  return log_count.cwiseMin(most_log_count).array().exp();
}

}  // namespace rnn_rates::neural
