#pragma once

#include <Eigen/Core>
#include <cstddef>

namespace rnn_rates::neural {

// The Gaussian processes of neural/gpfa.hpp, of variance 1 over the bins of a trial.

/// Covariance at each lag from 0 to `bins` - 1: a squared exponential and 1e-3 of white noise.
Eigen::VectorXd gp_covariance(double timescale_bins, std::size_t bins);

/// Orthonormal discrete cosines (bin, frequency).
Eigen::MatrixXd cosines(std::size_t bins);

/// (frequency, lag) sums over pairs of bins at that lag, either way round, of the products of a cosine's
/// values: times a covariance per lag, the variance along each cosine.
Eigen::MatrixXd lagged_products(std::size_t bins);

}  // namespace rnn_rates::neural
