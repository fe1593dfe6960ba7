#pragma once

#include <Eigen/Eigenvalues>
#include <stop_token>
#include <utility>

#include "core/stop_token.hpp"

namespace rnn_rates::neural {

/// Of a symmetric matrix, of which the lower half is read. Throws Error(stopped) once `stop` is requested.
template <class Symmetric>
Eigen::SelfAdjointEigenSolver<Symmetric> decompose(Symmetric matrix, const std::stop_token& stop) {
  constexpr Eigen::Index at_once = 500;  // rows, which take a tenth of a second
  if (matrix.rows() <= at_once) return Eigen::SelfAdjointEigenSolver<Symmetric>(matrix);
  return unless_stopped(
      stop, [owned = std::move(matrix)] { return Eigen::SelfAdjointEigenSolver<Symmetric>(owned); });
}

}  // namespace rnn_rates::neural
