#include "inference/residual_correlation.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "inference/standardise.hpp"
#include "neural/eigen_decomposition.hpp"
#include "neural/fits.hpp"
#include "neural/folds.hpp"
#include "neural/matrix.hpp"
#include "neural/metrics.hpp"

namespace rnn_rates::inference {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr Index most_components = 6;

/// The Cholesky factor of the rows' covariance with the ridge.
Eigen::LLT<Matrix> whitening(const Matrix& centred) {
  Matrix covariance = centred.transpose() * centred / static_cast<double>(centred.rows());
  covariance.diagonal().array() += ridge_share;
  return Eigen::LLT<Matrix>(covariance);
}

/// The axes, one of each set, along which the rows of the two correlate most (Hotelling 1936, Biometrika 28:
/// 321-377).
std::array<Vector, 2> canonical_axes(const Matrix& first, const Matrix& second) {
  const Eigen::LLT<Matrix> of_first = whitening(first), of_second = whitening(second);
  const Matrix half =
      of_first.matrixL().solve(first.transpose() * second / static_cast<double>(first.rows()));
  const Matrix shared = of_second.matrixL().solve(half.transpose()).transpose();
  const Vector axis =
      Eigen::SelfAdjointEigenSolver<Matrix>(shared * shared.transpose()).eigenvectors().rightCols(1);
  return {of_first.matrixU().solve(axis),
          of_second.matrixU().solve((shared.transpose() * axis).normalized())};
}

}  // namespace

Array<float, 2> residual_components(const Array<float, 2>& features,
                                    std::span<const std::uint32_t> trial_condition) {
  const auto [trials, units] = features.shape();
  const std::size_t conditions =
      std::size_t{1} + *std::max_element(trial_condition.begin(), trial_condition.end());
  const Array<float, 3> rates({trials, units, 1}, {features.values().begin(), features.values().end()});
  const Array<float, 3> averages = neural::mean_per_taste(rates, trial_condition, conditions);
  Array<float, 2> left = features;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t unit = 0; unit < units; ++unit)
      left(trial, unit) -= averages(trial_condition[trial], unit, 0);
  }
  const Matrix residual = standardise(left, neural::all_indices(trials));
  // The components of the rows are those of the smaller of both matrices of products.
  const bool few_trials = residual.rows() < residual.cols();
  const auto found = neural::decompose<Matrix>(
      few_trials ? Matrix(residual * residual.transpose()) : Matrix(residual.transpose() * residual), {});
  const Index kept = std::min(most_components, found.eigenvalues().size());
  Matrix components = found.eigenvectors().rightCols(kept);
  if (few_trials) {
    components *= found.eigenvalues().tail(kept).cwiseMax(0.0).cwiseSqrt().asDiagonal();
  } else {
    components = residual * components;
  }
  Array<float, 2> kept_values({trials, static_cast<std::size_t>(kept)});
  neural::matrix_view(kept_values.data(), trials, kept_values.extent(1)) = components.cast<float>();
  return kept_values;
}

double held_out_canonical_correlation(const Array<float, 2>& first_values,
                                      const Array<float, 2>& second_values) {
  constexpr std::size_t folds = 5;
  const auto matrix_of = [](const Array<float, 2>& values) -> Matrix {
    return neural::matrix_view(values.data(), values.extent(0), values.extent(1)).cast<double>();
  };
  const Matrix first = matrix_of(first_values), second = matrix_of(second_values);
  const neural::Folds dealt = neural::assign_folds(first_values.extent(0), folds);
  double of_first = 0, of_second = 0, of_both = 0;
  for (std::size_t fold = 0; fold < dealt.count(); ++fold) {
    const neural::Split split = neural::split_of_fold(dealt, fold);
    const auto centred = [&](const Matrix& all, const std::vector<std::uint32_t>& trials) -> Matrix {
      return all(trials, Eigen::all).rowwise() - all(split.train_trials, Eigen::all).colwise().mean();
    };
    const std::array<Vector, 2> axes =
        canonical_axes(centred(first, split.train_trials), centred(second, split.train_trials));
    const Vector along_first = centred(first, split.test_trials) * axes[0],
                 along_second = centred(second, split.test_trials) * axes[1];
    of_first += along_first.squaredNorm();
    of_second += along_second.squaredNorm();
    of_both += along_first.dot(along_second);
  }
  return of_both / std::sqrt(of_first * of_second);
}

}  // namespace rnn_rates::inference
