#include "neural/pca.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "core/stop_token.hpp"
#include "neural/eigen_decomposition.hpp"
#include "neural/matrix.hpp"

namespace rnn_rates::neural {

namespace {

[[noreturn]] void refuse_constant(std::size_t units, std::size_t trials) {
  throw Error(
      ErrorKind::input,
      "none of the {} units changes its spike count in the {} trials that the components are fitted on, so "
      "there is nothing to fit. Check the spike trains, widen time_lims_ms, or set pca.fit_on = \"all\"",
      units, trials);
}

/// Sum over samples of the outer product, (unit, unit); in proportion to the covariance as the means are 0.
Matrix<double> scatter(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials,
                       const std::stop_token& stop = {}) {
  const auto [all_trials, units, bins] = scaled.shape();
  const auto size = static_cast<Eigen::Index>(units);
  Matrix<double> sum = Matrix<double>::Zero(size, size);
  for (const std::uint32_t trial : trials) {
    end_if_stopped(stop);
    const auto samples = matrix_view(&scaled(trial, 0, 0), units, bins);
    sum.selfadjointView<Eigen::Lower>().rankUpdate(samples);
  }
  if (!(sum.trace() > 0.0)) refuse_constant(units, trials.size());
  return sum;
}

/// Where units are more than samples, the decomposition of the products of samples tells the components.
bool has_fewer_samples(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials) {
  return scaled.extent(1) > trials.size() * scaled.extent(2);
}

/// (unit, sample)
Matrix<double> samples_of(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials) {
  const auto [all_trials, units, bins] = scaled.shape();
  Matrix<double> samples(static_cast<Eigen::Index>(units), static_cast<Eigen::Index>(trials.size() * bins));
  for (std::size_t i = 0; i < trials.size(); ++i) {
    samples.middleCols(static_cast<Eigen::Index>(i * bins), static_cast<Eigen::Index>(bins)) =
        matrix_view(&scaled(trials[i], 0, 0), units, bins);
  }
  return samples;
}

/// Principal axes by rising variance.
struct Axes {
  Eigen::VectorXd variance;  ///< in proportion
  Matrix<double> axes;       ///< (unit, axis)
};

template <class Solver>
const Solver& converged(const Solver& solver, std::size_t units) {
  if (solver.info() == Eigen::Success) return solver;
  throw Error(ErrorKind::numerical, "the principal components of {} units did not converge", units);
}

Axes principal_axes(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials,
                    const std::stop_token& stop) {
  const std::size_t units = scaled.extent(1);
  if (!has_fewer_samples(scaled, trials)) {
    const auto solver = decompose(scatter(scaled, trials, stop), stop);
    return {converged(solver, units).eigenvalues(), solver.eigenvectors()};
  }
  const Matrix<double> samples = samples_of(scaled, trials);
  const Matrix<double> products = samples.transpose() * samples;
  if (!(products.trace() > 0.0)) refuse_constant(units, trials.size());
  const auto solver = decompose(products, stop);
  const Eigen::VectorXd& variance = converged(solver, units).eigenvalues();
  // Below this, axes are rounding errors of the largest one.
  const double least = 1e-10 * variance[variance.size() - 1];
  const auto kept = static_cast<Eigen::Index>((variance.array() > least).count());
  const Eigen::VectorXd of_kept = variance.tail(kept);
  return {of_kept,
          samples * solver.eigenvectors().rightCols(kept) * of_kept.cwiseSqrt().cwiseInverse().asDiagonal()};
}

/// Components to keep, as numpy.searchsorted(cumsum(ratio), variance, side="right") + 1 counts them.
std::size_t count_components(const Eigen::VectorXd& ratios, double variance) {
  const double noise = static_cast<double>(ratios.size()) * std::numeric_limits<double>::epsilon();
  double sum = 0.0;
  Eigen::Index count = 0;
  while (count < ratios.size() && ratios[count] > noise * ratios[0] && sum <= variance)
    sum += ratios[count++];
  return static_cast<std::size_t>(count);
}

/// The first loading whose magnitude equals the largest but for rounding: two units always load equally.
double largest_loading(const Eigen::RowVectorXd& component) {
  const double enough = component.cwiseAbs().maxCoeff() * (1.0 - 1e-9);
  return *std::find_if(component.begin(), component.end(),
                       [&](double loading) { return std::abs(loading) >= enough; });
}

}  // namespace

Pca fit_pca(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials, double variance,
            const std::stop_token& stop) {
  if (!(variance > 0.0 && variance <= 1.0)) {
    throw Error(ErrorKind::config, "pca.variance = {}: expected a share above 0 and at most 1", variance);
  }
  const Axes axes = principal_axes(scaled, trials, stop);
  // Eigen sorts ascending, and rounding can leave a null direction slightly below 0.
  const Eigen::VectorXd values = axes.variance.reverse().cwiseMax(0.0);
  const Eigen::VectorXd ratios = values / values.sum();

  const std::size_t units = scaled.extent(1), components = count_components(ratios, variance);
  Pca pca{Array<double, 2>({components, units}),
          std::vector<double>(ratios.data(), ratios.data() + components)};
  auto basis = matrix_view(pca.basis.data(), components, units);
  basis = axes.axes.rowwise().reverse().leftCols(basis.rows()).transpose();
  for (Eigen::Index row = 0; row < basis.rows(); ++row) {
    if (largest_loading(basis.row(row)) < 0.0) basis.row(row) *= -1.0;
  }
  return pca;
}

Pca identity_pca(const Array<double, 3>& scaled, std::span<const std::uint32_t> trials) {
  const std::size_t units = scaled.extent(1);
  if (has_fewer_samples(scaled, trials)) {
    const Eigen::VectorXd squares = samples_of(scaled, trials).rowwise().squaredNorm();
    if (!(squares.sum() > 0.0)) refuse_constant(units, trials.size());
    const Eigen::VectorXd ratios = squares / squares.sum();
    return {Array<double, 2>({0, units}), {ratios.begin(), ratios.end()}};
  }
  const Matrix<double> sums = scatter(scaled, trials);
  Pca pca{Array<double, 2>({units, units}), std::vector<double>(units)};
  matrix_view(pca.basis.data(), units, units).setIdentity();
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto index = static_cast<Eigen::Index>(unit);
    pca.explained_variance_ratio[unit] = sums(index, index) / sums.trace();
  }
  return pca;
}

Array<float, 3> project(const Array<double, 3>& scaled, const Pca& pca, const Observed& observed,
                        const std::stop_token& stop) {
  const auto [trials, units, bins] = scaled.shape();
  const bool each_unit = pca.basis.extent(0) == 0;
  const std::size_t components = each_unit ? units : pca.basis.extent(0);
  const auto basis = matrix_view(pca.basis.data(), pca.basis.extent(0), units);
  Array<float, 3> scores({trials, bins, components});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    end_if_stopped(stop);
    const auto samples = matrix_view(&scaled(trial, 0, 0), units, bins);
    auto to = matrix_view(&scores(trial, 0, 0), bins, components);
    if (each_unit) {
      to = samples.transpose().cast<float>();
    } else {
      const Matrix<double> product = samples.transpose() * basis.transpose();
      to = product.cast<float>();
    }
  }
  if (observed.size() == 0) return scores;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    end_if_stopped(stop);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      std::vector<Eigen::Index> seen;
      Eigen::VectorXd values = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(units));
      for (std::size_t unit = 0; unit < units; ++unit) {
        if (observed(trial, unit, bin) == 0) continue;
        values[static_cast<Eigen::Index>(seen.size())] = scaled(trial, unit, bin);
        seen.push_back(static_cast<Eigen::Index>(unit));
      }
      if (seen.size() == units) continue;
      auto of_bin = matrix_view(&scores(trial, bin, 0), 1, components);
      if (seen.empty()) {
        of_bin.setConstant(std::numeric_limits<float>::quiet_NaN());
        continue;
      }
      if (each_unit) continue;
      const Eigen::MatrixXd loadings = basis(Eigen::all, seen).transpose();
      of_bin = loadings.completeOrthogonalDecomposition()
                   .solve(values.head(loadings.rows()))
                   .transpose()
                   .cast<float>();
    }
  }
  return scores;
}

}  // namespace rnn_rates::neural
