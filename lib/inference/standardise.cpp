#include "inference/standardise.hpp"

#include <cmath>

namespace rnn_rates::inference {

Eigen::MatrixXd standardise(const Array<float, 2>& features, std::span<const std::uint32_t> trials) {
  const auto [rows, columns] = features.shape();
  Eigen::MatrixXd all(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  for (std::size_t column = 0; column < columns; ++column) {
    double count = 0, sum = 0, squares = 0;
    for (const std::uint32_t trial : trials) {
      if (std::isnan(features(trial, column))) continue;
      count += 1;
      sum += double{features(trial, column)};
    }
    const double mean = count > 0 ? sum / count : 0.0;
    for (const std::uint32_t trial : trials) {
      const double deviation = double{features(trial, column)} - mean;
      if (!std::isnan(deviation)) squares += deviation * deviation;
    }
    const double scale = squares > 0 ? std::sqrt(squares / count) : 1.0;
    for (std::size_t row = 0; row < rows; ++row) {
      const double value = (double{features(row, column)} - mean) / scale;
      all(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) =
          std::isnan(value) ? 0.0 : value;
    }
  }
  return all;
}

}  // namespace rnn_rates::inference
