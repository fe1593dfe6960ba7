#include "inference/few_shot.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <variant>

#include "core/stop_token.hpp"
#include "inference/held_out_grus.hpp"
#include "neural/matrix.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"

namespace rnn_rates::inference {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::size_t most_shots = 8, unit_groups = 4;

std::size_t shots_of(std::size_t trials) { return std::min(most_shots, trials / 2); }

/// Whether the read-outs are fitted to a trial: evenly spread, as trials stand in the order of conditions.
bool is_shot(std::size_t trial, std::size_t trials) {
  const std::size_t shots = shots_of(trials);
  return trial * shots / trials != (trial + 1) * shots / trials;
}

/// Values (bin, trial, feature) as (trial and bin, feature), trial by trial.
Matrix rows_of(const Array<float, 3>& values) {
  const auto [bins, trials, features] = values.shape();
  Matrix rows(static_cast<Index>(trials * bins), static_cast<Index>(features));
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t feature = 0; feature < features; ++feature)
        rows(static_cast<Index>(trial * bins + bin), static_cast<Index>(feature)) =
            double{values(bin, trial, feature)};
    }
  }
  return rows;
}

/// With mean 0 and variance 1, and a column of ones; what hardly varies is 0.
Matrix standardised(const Matrix& rows) {
  Matrix design(rows.rows(), rows.cols() + 1);
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  design.leftCols(rows.cols()) = rows.rowwise() - mean;
  for (Index column = 0; column < rows.cols(); ++column) {
    const double sd = std::sqrt(design.col(column).squaredNorm() / static_cast<double>(rows.rows()));
    design.col(column) *= sd > 1e-9 ? 1.0 / sd : 0.0;
  }
  design.rightCols(1).setOnes();
  return design;
}

/// Poisson regression of counts on the rows of `design`, whose last column is 1, with `ridge` on the others:
/// Newton steps, halved where they overshoot.
Vector fit_read_out(const Matrix& design, const Vector& counts, double ridge) {
  const Index size = design.cols();
  Vector penalty = Vector::Constant(size, ridge);
  penalty[size - 1] = 1e-6;
  const auto misfit = [&](const Vector& weights) {
    const Vector exponent = design * weights;
    return exponent.array().exp().sum() - counts.dot(exponent) + 0.5 * weights.cwiseAbs2().dot(penalty);
  };
  Vector weights = Vector::Zero(size);
  weights[size - 1] = std::log((counts.sum() + 0.5) / static_cast<double>(counts.size()));
  double now = misfit(weights);
  for (int iteration = 0; iteration < 20; ++iteration) {
    const Vector expected = (design * weights).array().exp();
    Matrix curvature = design.transpose() * (expected.asDiagonal() * design);
    curvature.diagonal() += penalty;
    const Vector gradient =
        design.transpose() * (expected - counts) + (penalty.array() * weights.array()).matrix();
    Vector step = curvature.ldlt().solve(gradient);
    double next = misfit(weights - step);
    while (!(next <= now) && step.squaredNorm() > 1e-12) {
      step /= 2.0;
      next = misfit(weights - step);
    }
    if (!(now - next > 1e-6 * std::abs(now))) break;
    weights -= step;
    now = next;
  }
  return weights;
}

/// Rates (trial, unit, bin) that are scored.
struct Scored {
  Array<float, 3> by_few_hz, by_own_hz;
  Array<std::uint8_t, 3> entries;
};

neural::Hidden hide_units(const FitData& data, std::size_t group) {
  neural::Hidden hidden(data.counts.shape());
  const std::size_t bins = data.counts.extent(2), units = data.counts.extent(1);
  for (std::size_t i = 0; i < hidden.size(); ++i)
    hidden.values()[i] = i / bins % units % unit_groups == group;
  return neural::hidden_or_unobserved(hidden, data.observed);
}

/// The observed bins of those trials that read-outs are fitted to, or of the others: rows of a design.
std::vector<Index> observed_rows(const FitData& data, std::size_t unit,
                                 const std::vector<std::uint32_t>& trials, bool shots) {
  const std::size_t bins = data.counts.extent(2);
  std::vector<Index> rows;
  rows.reserve(trials.size() * bins);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (is_shot(i, trials.size()) != shots) continue;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (data.observed.size() == 0 || data.observed(trials[i], unit, bin) != 0)
        rows.push_back(static_cast<Index>(i * bins + bin));
    }
  }
  return rows;
}

void score_fold(const FitData& data, const HeldOutGrus& networks, std::size_t fold, Scored& scored) {
  const std::vector<std::uint32_t>& trials = networks.trials(fold);
  const std::size_t bins = data.counts.extent(2);
  if (shots_of(trials.size()) == 0) return;
  const std::size_t group = fold % unit_groups;
  const rnn::GruOutput output = networks.outputs(fold, hide_units(data, group));
  const Matrix design = standardised(rows_of(output.factors)), own = rows_of(output.log_rates);
  const Matrix centred = own.rowwise() - own.colwise().mean();
  // Mean square of the network's own weights of standardised factors.
  const double spread = centred.squaredNorm() / static_cast<double>(own.size()),
               ridge = static_cast<double>(design.cols() - 1) / std::max(spread, 1e-6);
  const double hz = 1000.0 / data.bin_ms();
  for (std::size_t unit = group; unit < data.counts.extent(1); unit += unit_groups) {
    const std::vector<Index> shown = observed_rows(data, unit, trials, true);
    if (shown.empty()) continue;
    Vector counts(static_cast<Index>(shown.size()));
    for (Index i = 0; i < counts.size(); ++i) {
      const auto row = static_cast<std::size_t>(shown[static_cast<std::size_t>(i)]);
      counts[i] = data.counts(trials[row / bins], unit, row % bins);
    }
    const Vector log_counts = design * fit_read_out(design(shown, Eigen::all), counts, ridge);
    for (const Index row : observed_rows(data, unit, trials, false)) {
      const std::size_t trial = trials[static_cast<std::size_t>(row) / bins],
                        bin = static_cast<std::size_t>(row) % bins;
      scored.entries(trial, unit, bin) = 1;
      scored.by_few_hz(trial, unit, bin) = static_cast<float>(std::exp(log_counts[row]) * hz);
      scored.by_own_hz(trial, unit, bin) =
          static_cast<float>(std::exp(own(row, static_cast<Index>(unit))) * hz);
    }
  }
}

}  // namespace

std::optional<FewShot> few_shot(const FitData& data, const Networks& networks, const std::stop_token& stop) {
  const auto* grus = std::get_if<MaskedGrus>(&networks);
  if (grus == nullptr || !data.folds_over_trials() || data.counts.extent(1) < 2) return {};
  const HeldOutGrus held_out(data, *grus, stop);
  const auto& shape = data.counts.shape();
  Scored scored{Array<float, 3>(shape), Array<float, 3>(shape), Array<std::uint8_t, 3>(shape)};
  std::size_t shots = 0;
  for (std::size_t fold = 0; fold < grus->folds.size(); ++fold) {
    end_if_stopped(stop);
    score_fold(data, held_out, fold, scored);
    shots = std::max(shots, shots_of(held_out.trials(fold).size()));
  }
  const Array<float, 3> observed_hz = neural::rate_hz(data.counts, data.bin_ms());
  const double by_few = neural::bits_per_spike_of(scored.by_few_hz, observed_hz, scored.entries).pooled,
               by_own = neural::bits_per_spike_of(scored.by_own_hz, observed_hz, scored.entries).pooled;
  if (!std::isfinite(by_few)) return {};
  return FewShot{shots, by_few, by_own};
}

std::vector<Metric> metrics_of(const FewShot& score, const std::string& fit) {
  return {
      {fit, "few_shot_bits_per_spike",
       fmt::format("information on units that were hidden from the network, by read-outs from its factors "
                   "that were fitted to {} trials: far below few_shot_own_bits_per_spike, factors hold "
                   "dynamics that no unit needs",
                   score.shots),
       "bits per spike", score.bits_per_spike},
      {fit, "few_shot_own_bits_per_spike",
       "the same spikes by the network's own read-out, which learned from many trials", "bits per spike",
       score.own_bits_per_spike}};
}

}  // namespace rnn_rates::inference
