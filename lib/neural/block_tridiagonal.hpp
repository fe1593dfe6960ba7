#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace rnn_rates::neural {

/// How many systems are solved side by side, for the sake of vector instructions.
inline constexpr Eigen::Index lanes = 4;

/// A lower triangle, row by row, as one row: where (i, j) with i >= j stands.
constexpr Eigen::Index packed(Eigen::Index i, Eigen::Index j) { return i * (i + 1) / 2 + j; }

/// Cholesky factors of `lanes` symmetric positive definite matrices. Each has `blocks` blocks along its
/// diagonal and, next to them, blocks that are all alike, as the posterior precision of a linear dynamical
/// system; the others are 0. An element of all of them stands in rows block * lanes + lane of a matrix.
class BlockTridiagonal {
 public:
  /// `diagonal` (block * lanes + lane, packed element) holds the lower triangles of the blocks on the
  /// diagonal, `coupling` (element, element) minus any block above it.
  BlockTridiagonal(const Eigen::MatrixXd& diagonal, const Eigen::MatrixXd& coupling);

  /// Replaces right-hand sides (block * lanes + lane, element) by the solutions.
  void solve(Eigen::MatrixXd& right) const;

  /// (lane)
  Eigen::VectorXd log_determinant() const;

  /// Blocks of the inverse: `diagonal` as above, and `above` (block * lanes + lane, i * size + j) the one to
  /// the right of each but the last.
  struct Inverse {
    Eigen::MatrixXd diagonal, above;
  };
  Inverse inverse() const;

 private:
  using Lanes = Eigen::Array<double, lanes, 1>;

  Lanes* lower(Eigen::Index block) { return &lower_[static_cast<std::size_t>(block * packed(size_, 0))]; }
  const Lanes* lower(Eigen::Index block) const {
    return &lower_[static_cast<std::size_t>(block * packed(size_, 0))];
  }
  Lanes* below(Eigen::Index block) { return &below_[static_cast<std::size_t>(block * size_ * size_)]; }
  const Lanes* below(Eigen::Index block) const {
    return &below_[static_cast<std::size_t>(block * size_ * size_)];
  }
  void factorise(Lanes* triangle) const;
  void invert(const Lanes* triangle, Lanes* inverse) const;
  void multiply_inverse(const Lanes* triangle, const Eigen::MatrixXd& right, Lanes* product) const;

  Eigen::Index size_, blocks_;
  std::vector<Lanes> lower_;  ///< (block, packed element) of the factor, with 1 over its diagonal
  std::vector<Lanes> below_;  ///< (block, i * size + j) minus the transpose of the factor's block below
};

}  // namespace rnn_rates::neural
