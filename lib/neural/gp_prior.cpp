#include "neural/gp_prior.hpp"

#include <cmath>
#include <numbers>

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

VectorXd gp_covariance(double timescale_bins, std::size_t bins) {
  constexpr double white_share = 1e-3;
  VectorXd covariance(static_cast<Index>(bins));
  for (Index lag = 0; lag < covariance.size(); ++lag) {
    const double z = static_cast<double>(lag) / timescale_bins;
    covariance[lag] = (1.0 - white_share) * std::exp(-0.5 * z * z);
  }
  covariance[0] = 1.0;
  return covariance;
}

MatrixXd cosines(std::size_t bins) {
  const auto size = static_cast<Index>(bins);
  MatrixXd basis(size, size);
  for (Index t = 0; t < size; ++t) {
    for (Index j = 0; j < size; ++j) {
      const double angle = std::numbers::pi * static_cast<double>(j) * (static_cast<double>(t) + 0.5);
      basis(t, j) = std::cos(angle / static_cast<double>(bins)) *
                    std::sqrt((j == 0 ? 1.0 : 2.0) / static_cast<double>(bins));
    }
  }
  return basis;
}

MatrixXd lagged_products(std::size_t bin_count) {
  const MatrixXd cosine_basis = cosines(bin_count);
  const Index bins = cosine_basis.rows();
  MatrixXd products(bins, bins);
  for (Index lag = 0; lag < bins; ++lag) {
    products.col(lag) = (lag == 0 ? 1.0 : 2.0) * cosine_basis.topRows(bins - lag)
                                                     .cwiseProduct(cosine_basis.bottomRows(bins - lag))
                                                     .colwise()
                                                     .sum()
                                                     .transpose();
  }
  return products;
}

}  // namespace rnn_rates::neural
