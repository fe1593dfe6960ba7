#include "inference/condition_decoder.hpp"

#include <Eigen/Cholesky>
#include <algorithm>

#include "inference/standardise.hpp"
#include "neural/folds.hpp"

namespace rnn_rates::inference {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;

/// What predicts values of the `tested` rows from those of the `trained` ones, (tested, trained): ridge
/// regression is linear in them. Through features or through trials, whichever are fewer.
Matrix ridge_predictor(const Matrix& trained, const Matrix& tested) {
  const double penalty = ridge_share * static_cast<double>(trained.rows());
  const auto solve = [&](Matrix products, const Matrix& right) -> Matrix {
    products.diagonal().array() += penalty;
    return products.llt().solve(right);
  };
  if (trained.cols() <= trained.rows())
    return tested * solve(trained.transpose() * trained, trained.transpose());
  return solve(trained * trained.transpose(), trained * tested.transpose()).transpose();
}

/// 1 in the column of the condition that each of `trials` has in each of the labelings, less the column's
/// mean: (trial, labeling and condition).
Matrix indicators(const std::vector<std::uint32_t>& trials,
                  std::span<const std::vector<std::uint32_t>> labelings, std::size_t conditions) {
  Matrix values =
      Matrix::Zero(static_cast<Index>(trials.size()), static_cast<Index>(labelings.size() * conditions));
  for (std::size_t labeling = 0; labeling < labelings.size(); ++labeling) {
    for (std::size_t row = 0; row < trials.size(); ++row) {
      const std::size_t column = labeling * conditions + labelings[labeling][trials[row]];
      values(static_cast<Index>(row), static_cast<Index>(column)) = 1.0;
    }
  }
  return values;
}

}  // namespace

std::vector<double> told_right(const Array<float, 2>& features,
                               std::span<const std::vector<std::uint32_t>> labelings, std::size_t conditions,
                               std::size_t folds) {
  const neural::Folds dealt = neural::assign_folds(features.extent(0), folds);
  std::vector<double> right(labelings.size(), 0.0);
  for (std::size_t fold = 0; fold < dealt.count(); ++fold) {
    const neural::Split split = neural::split_of_fold(dealt, fold);
    const Matrix all = standardise(features, split.train_trials);
    const Matrix known = indicators(split.train_trials, labelings, conditions);
    const Matrix told =
        (ridge_predictor(all(split.train_trials, Eigen::all), all(split.test_trials, Eigen::all)) * known)
            .rowwise() +
        known.colwise().mean();
    for (std::size_t labeling = 0; labeling < labelings.size(); ++labeling) {
      const auto first = static_cast<Index>(labeling * conditions);
      for (std::size_t row = 0; row < split.test_trials.size(); ++row) {
        Index most = 0;
        told.row(static_cast<Index>(row)).segment(first, static_cast<Index>(conditions)).maxCoeff(&most);
        if (static_cast<std::uint32_t>(most) == labelings[labeling][split.test_trials[row]])
          right[labeling] += 1.0;
      }
    }
  }
  for (double& count : right) count /= static_cast<double>(features.extent(0));
  return right;
}

}  // namespace rnn_rates::inference
