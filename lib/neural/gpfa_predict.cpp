#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "core/stop_token.hpp"
#include "neural/gp_prior.hpp"
#include "neural/gpfa.hpp"
#include "neural/matrix.hpp"

namespace rnn_rates::neural {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double least_prior_variance = 0.01;

/// The inverse of the expected root of a Poisson count.
class RootInverse {
 public:
  RootInverse() {
    for (std::size_t i = 0; i < roots_.size(); ++i) roots_[i] = expected_root(mean_at(i));
  }

  /// The Poisson mean whose expected root is `root`; 0 for a root below 0.
  double operator()(double root) const {
    if (root <= 0.0) return 0.0;
    // From the expansion of the expected root, sqrt(m) - 1 / (8 sqrt(m)) - 7 / (128 m^(3/2)).
    if (root >= roots_.back()) return root * root + 0.25 + 3.0 / (32.0 * root * root);
    const auto above = std::upper_bound(roots_.begin(), roots_.end(), root);
    const auto i = static_cast<std::size_t>(above - roots_.begin());
    const double share = (root - roots_[i - 1]) / (roots_[i] - roots_[i - 1]);
    return mean_at(i - 1) + share * (mean_at(i) - mean_at(i - 1));
  }

 private:
  static double mean_at(std::size_t i) {
    const double root = 0.01 * static_cast<double>(i);
    return root * root;
  }

  static double expected_root(double mean) {
    double probability = std::exp(-mean), sum = 0.0;
    for (int count = 1; count < 120; ++count) {
      probability *= mean / count;
      sum += probability * std::sqrt(count);
    }
    return sum;
  }

  std::vector<double> roots_ = std::vector<double>(501);
};

/// One fold's model, ready for states.
struct States {
  MatrixXd loadings;            // (unit, latent)
  VectorXd offset;              // (unit)
  MatrixXd weighted;            // (unit, latent) loadings over noise variance
  std::vector<MatrixXd> basis;  // per latent (bin, direction): basis basis' is the prior covariance
  std::vector<Index> first;     // per latent its first direction among all
  Index directions = 0;
};

/// The exact covariance of a latent over the bins, but for directions of little variance.
MatrixXd prior_directions(double timescale_bins, Index bins) {
  const VectorXd at_lag = gp_covariance(timescale_bins, static_cast<std::size_t>(bins));
  const MatrixXd covariance =
      MatrixXd::NullaryExpr(bins, bins, [&](Index s, Index t) { return at_lag[s < t ? t - s : s - t]; });
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(covariance);
  const auto kept = static_cast<Index>((solver.eigenvalues().array() > least_prior_variance).count());
  return solver.eigenvectors().rightCols(kept) * solver.eigenvalues().tail(kept).cwiseSqrt().asDiagonal();
}

States make_states(const Gpfa& model, std::size_t bins) {
  const auto [units, latents] = model.loadings.shape();
  const auto rows = static_cast<Index>(units);
  States states{matrix_view(model.loadings.data(), units, latents),
                Eigen::Map<const VectorXd>(model.offset.data(), rows),
                {},
                {},
                {}};
  const Eigen::Map<const VectorXd> noise_variance(model.noise_variance.data(), rows);
  states.weighted = noise_variance.cwiseInverse().asDiagonal() * states.loadings;
  for (const double timescale_bins : model.timescale_bins) {
    states.basis.push_back(prior_directions(timescale_bins, static_cast<Index>(bins)));
    states.first.push_back(states.directions);
    states.directions += states.basis.back().cols();
  }
  return states;
}

/// Of the prior directions, given the entries where `kept` (unit, bin) is 1.
Eigen::LLT<MatrixXd> posterior_precision(const States& states, const MatrixXd& kept,
                                         const std::stop_token& stop) {
  MatrixXd precision = MatrixXd::Identity(states.directions, states.directions);
  for (std::size_t i = 0; i < states.basis.size(); ++i) {
    end_if_stopped(stop);
    for (std::size_t j = 0; j <= i; ++j) {
      const VectorXd products =
          states.weighted.col(static_cast<Index>(i)).cwiseProduct(states.loadings.col(static_cast<Index>(j)));
      const VectorXd information = kept.transpose() * products;  // (bin)
      precision.block(states.first[i], states.first[j], states.basis[i].cols(), states.basis[j].cols()) +=
          states.basis[i].transpose() * (information.asDiagonal() * states.basis[j]);
    }
  }
  return Eigen::LLT<MatrixXd>(precision);  // reads the lower half
}

/// Posterior variance (unit, bin) of the expected roots.
MatrixXd root_variance(const States& states, const Eigen::LLT<MatrixXd>& precision,
                       const std::stop_token& stop) {
  const MatrixXd lower = precision.matrixL();
  const Index bins = states.basis[0].rows();
  MatrixXd variance = MatrixXd::Zero(states.loadings.rows(), bins);
  std::vector<MatrixXd> solved;  // per latent, from its first direction on, above which there are zeros
  for (std::size_t i = 0; i < states.basis.size(); ++i) {
    end_if_stopped(stop);
    const Index rows = states.directions - states.first[i];
    MatrixXd at_bins = MatrixXd::Zero(rows, bins);
    at_bins.topRows(states.basis[i].cols()) = states.basis[i].transpose();
    lower.bottomRightCorner(rows, rows).triangularView<Eigen::Lower>().solveInPlace(at_bins);
    for (std::size_t j = 0; j <= i; ++j) {
      const Eigen::RowVectorXd covariance =
          (j == i ? at_bins : solved[j].bottomRows(rows)).cwiseProduct(at_bins).colwise().sum();
      const VectorXd products =
          states.loadings.col(static_cast<Index>(i)).cwiseProduct(states.loadings.col(static_cast<Index>(j)));
      variance += (j == i ? 1.0 : 2.0) * products * covariance;
    }
    solved.push_back(std::move(at_bins));
  }
  return variance.cwiseMax(0.0);
}

/// Posterior mean of the expected roots (unit, bin), `centred` (unit, bin) being 0 where hidden.
MatrixXd expected_roots(const States& states, const Eigen::LLT<MatrixXd>& precision,
                        const MatrixXd& centred) {
  VectorXd state(states.directions);
  const MatrixXd evidence = centred.transpose() * states.weighted;  // (bin, latent)
  for (std::size_t i = 0; i < states.basis.size(); ++i) {
    state.segment(states.first[i], states.basis[i].cols()) =
        states.basis[i].transpose() * evidence.col(static_cast<Index>(i));
  }
  precision.solveInPlace(state);
  MatrixXd latents(states.loadings.cols(), centred.cols());
  for (std::size_t i = 0; i < states.basis.size(); ++i) {
    latents.row(static_cast<Index>(i)) =
        states.basis[i] * state.segment(states.first[i], states.basis[i].cols());
  }
  return (states.loadings * latents).colwise() + states.offset;
}

/// The mean count for a root of that posterior mean and variance.
double expected_count(double root, double variance) {
  static const RootInverse count_of;
  const double step = std::sqrt(3.0 * variance);
  return 2.0 / 3.0 * count_of(root) + (count_of(root + step) + count_of(root - step)) / 6.0;
}

MatrixXd kept_entries(const Hidden& hidden, std::size_t trial, const Gpfa& model, std::size_t bins) {
  MatrixXd kept = MatrixXd::Ones(static_cast<Index>(model.units.size()), static_cast<Index>(bins));
  if (hidden.size() == 0) return kept;
  for (Index u = 0; u < kept.rows(); ++u) {
    const std::uint8_t* row = &hidden(trial, model.units[static_cast<std::size_t>(u)], 0);
    for (Index t = 0; t < kept.cols(); ++t) kept(u, t) = row[t] == 0 ? 1.0 : 0.0;
  }
  return kept;
}

/// Expected counts (active unit, bin) of one trial after another; what depends on the hidden entries alone is
/// kept for the next trial with the same ones.
class Predictor {
 public:
  Predictor(const Gpfa& model, const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
            std::stop_token stop)
      : model_(model),
        counts_(counts),
        hidden_(hidden),
        states_(make_states(model, counts.extent(2))),
        stop_(std::move(stop)) {}

  MatrixXd operator()(std::size_t trial) {
    end_if_stopped(stop_);
    MatrixXd kept = kept_entries(hidden_, trial, model_, counts_.extent(2));
    if (kept_.size() == 0 || kept != kept_) {
      precision_ = posterior_precision(states_, kept, stop_);
      variance_ = root_variance(states_, precision_, stop_);
      kept_ = std::move(kept);
    }
    MatrixXd centred(kept_.rows(), kept_.cols());
    for (Index u = 0; u < kept_.rows(); ++u) {
      const std::uint16_t* row = &counts_(trial, model_.units[static_cast<std::size_t>(u)], 0);
      for (Index t = 0; t < kept_.cols(); ++t) {
        centred(u, t) = kept_(u, t) * (std::sqrt(static_cast<double>(row[t])) - states_.offset[u]);
      }
    }
    return expected_roots(states_, precision_, centred).binaryExpr(variance_, &expected_count);
  }

 private:
  const Gpfa& model_;
  const Array<std::uint16_t, 3>& counts_;
  const Hidden& hidden_;
  States states_;
  std::stop_token stop_;
  MatrixXd kept_, variance_;
  Eigen::LLT<MatrixXd> precision_;
};

/// Puts trials with the same hidden entries one after the other, as Predictor likes them.
void group_by_hidden(std::vector<std::uint32_t>& trials, const Hidden& hidden) {
  if (hidden.size() == 0) return;
  const std::size_t entries = hidden.extent(1) * hidden.extent(2);
  std::stable_sort(trials.begin(), trials.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::memcmp(&hidden(a, 0, 0), &hidden(b, 0, 0), entries) < 0;
  });
}

}  // namespace

std::vector<double> gpfa_count_scale(const Gpfa& model, const Array<std::uint16_t, 3>& counts,
                                     std::span<const std::uint32_t> trials, const std::stop_token& stop) {
  if (model.units.empty()) return {};
  const Hidden nothing;
  Predictor predict(model, counts, nothing, stop);
  VectorXd spikes = VectorXd::Zero(static_cast<Index>(model.units.size())), expected = spikes;
  for (const std::uint32_t trial : trials) {
    expected += predict(trial).rowwise().sum();
    for (Index u = 0; u < spikes.size(); ++u) {
      const std::uint16_t* row = &counts(trial, model.units[static_cast<std::size_t>(u)], 0);
      spikes[u] = std::accumulate(row, row + counts.extent(2), spikes[u]);
    }
  }
  const VectorXd scale = spikes.cwiseQuotient(expected);
  return {scale.begin(), scale.end()};
}

Array<float, 3> predict_gpfa(const GpfaFolds& folds, const Array<std::uint16_t, 3>& counts,
                             const Hidden& hidden, double bin_ms, const std::stop_token& stop) {
  const std::vector<double> unit_mean_hz = mean_kept_rate_hz(counts, hidden, bin_ms);
  Array<float, 3> rates_hz(counts.shape());
  for (std::size_t i = 0; i < rates_hz.size(); ++i) {
    rates_hz.values()[i] = static_cast<float>(unit_mean_hz[i / counts.extent(2) % counts.extent(1)]);
  }
  for (std::size_t fold = 0; fold < folds.models.size(); ++fold) {
    const Gpfa& model = folds.models[fold];
    if (model.units.empty()) continue;
    std::vector<std::uint32_t> held_out = split_of_fold(folds.folds, fold).test_trials;
    const std::vector<double>& scale = folds.count_scale[fold];
    const VectorXd to_hz =
        Eigen::Map<const VectorXd>(scale.data(), static_cast<Index>(scale.size())) * 1000.0 / bin_ms;
    group_by_hidden(held_out, hidden);
    Predictor predict(model, counts, hidden, stop);
    for (const std::uint32_t trial : held_out) {
      const MatrixXd rates = to_hz.asDiagonal() * predict(trial);
      for (Index u = 0; u < rates.rows(); ++u) {
        float* to = &rates_hz(trial, model.units[static_cast<std::size_t>(u)], 0);
        for (Index t = 0; t < rates.cols(); ++t) to[t] = static_cast<float>(rates(u, t));
      }
    }
  }
  return rates_hz;
}

}  // namespace rnn_rates::neural
