#pragma once

#include <Eigen/Core>
#include <cstddef>

namespace rnn_rates::neural {

/// Row-major matrices, as Array lays its last two axes out.
template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <class T>
Eigen::Map<const Matrix<T>> matrix_view(const T* values, std::size_t rows, std::size_t columns) {
  return {values, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

template <class T>
Eigen::Map<Matrix<T>> matrix_view(T* values, std::size_t rows, std::size_t columns) {
  return {values, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns)};
}

}  // namespace rnn_rates::neural
