#include "neural/rates.hpp"

#include "neural/matrix.hpp"

namespace rnn_rates::neural {

Array<double, 3> counts_from_outputs(const Array<float, 3>& outputs, const Pca& pca, const Scaler& scaler) {
  const auto [bins, trials, components] = outputs.shape();
  const std::size_t units = scaler.mean.size();
  const auto basis = matrix_view(pca.basis.data(), pca.basis.extent(0), units);
  const Eigen::OuterStride<> to_next_bin(static_cast<Eigen::Index>(trials * components));
  Array<double, 3> counts({trials, units, bins});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const Eigen::Map<const Matrix<float>, Eigen::Unaligned, Eigen::OuterStride<>> scores(
        &outputs(0, trial, 0), static_cast<Eigen::Index>(bins), static_cast<Eigen::Index>(components),
        to_next_bin);
    auto scaled = matrix_view(&counts(trial, 0, 0), units, bins);
    if (pca.basis.extent(0) == 0) {
      scaled = scores.cast<double>().transpose();
    } else {
      scaled.noalias() = basis.transpose() * scores.cast<double>().transpose();
    }
    for (std::size_t unit = 0; unit < units; ++unit) {
      auto row = scaled.row(static_cast<Eigen::Index>(unit)).array();
      row = row * scaler.scale[unit] + scaler.mean[unit];
    }
  }
  return counts;
}

}  // namespace rnn_rates::neural
