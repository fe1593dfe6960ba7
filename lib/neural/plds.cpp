#include "neural/plds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/stop_token.hpp"
#include "neural/eigen_decomposition.hpp"

namespace rnn_rates::neural {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// That steps on a part take in turn: few enough to be fast, many enough to tell the parameters.
constexpr std::size_t trials_of_part = 32;
/// That a fold's model is fitted to: more would take long and tell little more of so few parameters.
constexpr std::size_t most_trials = 200;

std::vector<std::uint32_t> evenly_chosen(const std::vector<std::uint32_t>& trials, std::size_t most) {
  if (trials.size() <= most) return trials;
  std::vector<std::uint32_t> chosen;
  chosen.reserve(most);
  for (std::size_t i = 0; i < most; ++i) chosen.push_back(trials[i * trials.size() / most]);
  return chosen;
}

/// Every `parts`-th trial, from the first of each part on, so that each has trials of all conditions.
std::vector<std::uint32_t> deal(std::span<const std::uint32_t> trials, std::size_t parts) {
  std::vector<std::uint32_t> dealt;
  dealt.reserve(trials.size());
  for (std::size_t part = 0; part < parts; ++part) {
    for (std::size_t i = part; i < trials.size(); i += parts) dealt.push_back(trials[i]);
  }
  return dealt;
}

std::vector<std::uint32_t> spiking_units(const Array<std::uint16_t, 3>& counts, const Hidden& hidden,
                                         std::span<const std::uint32_t> trials) {
  std::vector<std::uint32_t> units;
  for (std::uint32_t unit = 0; unit < counts.extent(1); ++unit) {
    const bool spikes = std::any_of(trials.begin(), trials.end(), [&](std::uint32_t trial) {
      for (std::size_t bin = 0; bin < counts.extent(2); ++bin) {
        if (counts(trial, unit, bin) != 0 && (hidden.size() == 0 || hidden(trial, unit, bin) == 0))
          return true;
      }
      return false;
    });
    if (spikes) units.push_back(unit);
  }
  return units;
}

/// (row, active unit) log of the counts per seen bin, smoothed over neighbouring bins.
MatrixXd smooth_log_counts(const PldsBatch& batch) {
  constexpr Index reach = 9;
  constexpr double width_bins = 3.0, floor = 0.02;
  const Index bins = batch.counts.rows() / lanes;
  const MatrixXd mean = batch.counts.colwise().sum().cwiseQuotient(batch.seen.colwise().sum().cwiseMax(1.0));
  MatrixXd spikes = MatrixXd::Zero(batch.counts.rows(), batch.counts.cols()), seen = spikes;
  for (Index lag = -reach; lag <= reach; ++lag) {
    const double z = static_cast<double>(lag) / width_bins, weight = std::exp(-0.5 * z * z);
    const Index from = std::max<Index>(0, lag), count = bins - std::abs(lag);
    if (count <= 0) continue;
    const Index to = (from - lag) * lanes;
    spikes.middleRows(to, count * lanes) += weight * batch.counts.middleRows(from * lanes, count * lanes);
    seen.middleRows(to, count * lanes) += weight * batch.seen.middleRows(from * lanes, count * lanes);
  }
  // Where next to nothing was seen, the mean.
  spikes += (seen.array() < 0.1).select(MatrixXd::Ones(bins * lanes, 1) * mean, 0.0);
  seen = (seen.array() < 0.1).select(1.0, seen);
  return (spikes.array() / seen.array() + floor).log();
}

/// The rows of those lanes that hold a trial.
MatrixXd rows_of_trials(const MatrixXd& rows, const PldsBatch& batch) {
  const auto trials = static_cast<Index>(batch.trials.size()), bins = rows.rows() / lanes;
  MatrixXd chosen(bins * trials, rows.cols());
  for (Index bin = 0; bin < bins; ++bin)
    chosen.middleRows(bin * trials, trials) = rows.middleRows(bin * lanes, trials);
  return chosen;
}

/// A model from the principal components of smoothed log counts, and the latents (row, latent) of each batch.
struct Start {
  Plds model;
  std::vector<MatrixXd> latents;
};

Start start_from_components(std::span<const PldsBatch> batches, std::vector<std::uint32_t> units,
                            Index latents, const std::stop_token& stop) {
  const auto active = static_cast<Index>(units.size());
  std::vector<MatrixXd> smooth;
  VectorXd sum = VectorXd::Zero(active), spikes = sum, seen = sum;
  MatrixXd squares = MatrixXd::Zero(active, active);
  double rows = 0.0;
  smooth.reserve(batches.size());
  for (const PldsBatch& batch : batches) {
    end_if_stopped(stop);
    smooth.push_back(smooth_log_counts(batch));
    const MatrixXd of_trials = rows_of_trials(smooth.back(), batch);
    sum += of_trials.colwise().sum().transpose();
    squares += of_trials.transpose() * of_trials;
    spikes += batch.counts.colwise().sum().transpose();
    seen += batch.seen.colwise().sum().transpose();
    rows += static_cast<double>(of_trials.rows());
  }
  const VectorXd mean = sum / rows;
  const auto components = decompose(MatrixXd(squares / rows - mean * mean.transpose()), stop);
  const VectorXd deviation = components.eigenvalues().tail(latents).cwiseMax(1e-6).cwiseSqrt();
  const MatrixXd axes = components.eigenvectors().rightCols(latents);
  // Part of what varies in smoothed counts is noise.
  constexpr double signal = 0.7, memory = 0.95, innovation = 0.1;
  const MatrixXd identity = MatrixXd::Identity(latents, latents);
  Start start{{std::move(units), memory * identity, identity / innovation, VectorXd::Zero(latents), identity,
               signal * axes * deviation.asDiagonal(), (spikes.cwiseQuotient(seen)).array().log()},
              {}};
  start.latents.reserve(smooth.size());
  for (const MatrixXd& rows_of : smooth) {
    start.latents.push_back((rows_of.rowwise() - mean.transpose()) * axes *
                            deviation.cwiseInverse().asDiagonal());
  }
  return start;
}

/// Log-likelihood of hidden blocks of the trials `trials`, predicted from the others.
VectorXd hidden_log_likelihood(const Plds& model, const Array<std::uint16_t, 3>& counts,
                               const Hidden& unobserved, std::span<const std::uint32_t> trials) {
  constexpr std::size_t block_bins = 8, parts = 4;
  constexpr std::uint64_t seed = 1;
  const auto dealt = block_parts(counts.shape(), block_bins, parts, counts.extent(0), seed);
  VectorXd log_likelihood = VectorXd::Zero(static_cast<Index>(trials.size()));
  for (std::size_t part = 0; part < parts; ++part) {
    const Hidden block = hide_part(dealt, part);
    Hidden hidden = block;
    for (std::size_t i = 0; i < unobserved.size(); ++i) hidden.values()[i] |= unobserved.values()[i];
    const Array<float, 3> expected = plds_counts(model, counts, hidden, trials, {});
    for (std::size_t row = 0; row < trials.size(); ++row) {
      for (std::size_t u = 0; u < model.units.size(); ++u) {
        const std::uint32_t unit = model.units[u];
        for (std::size_t bin = 0; bin < counts.extent(2); ++bin) {
          if (block(trials[row], unit, bin) == 0) continue;
          if (unobserved.size() != 0 && unobserved(trials[row], unit, bin) != 0) continue;
          const double mean = std::max(double{expected(row, u, bin)}, 1e-6);
          log_likelihood[static_cast<Index>(row)] += counts(trials[row], unit, bin) * std::log(mean) - mean;
        }
      }
    }
  }
  return log_likelihood;
}

}  // namespace

Plds fit_plds(const Array<std::uint16_t, 3>& counts, const Hidden& hidden, const Array<double, 2>& log_gain,
              std::span<const std::uint32_t> trials, std::size_t latents, const PldsSteps& steps,
              const std::stop_token& stop) {
  std::vector<std::uint32_t> units = spiking_units(counts, hidden, trials);
  if (units.empty()) return {};
  std::vector<PldsBatch> batches;
  batches.reserve(trials.size() / lanes + 1);
  const std::size_t parts = std::max<std::size_t>(1, trials.size() / trials_of_part);
  const std::vector<std::uint32_t> dealt = deal(trials, parts);
  for (std::size_t first = 0; first < dealt.size(); first += lanes)
    batches.push_back(make_batch(counts, hidden, log_gain, batch_at(dealt, first), units));
  const auto size = static_cast<Index>(std::min(latents, units.size()));
  Start start = start_from_components(batches, std::move(units), size, stop);
  const std::span<const PldsBatch> all = batches;
  const std::span<MatrixXd> latents_of_all = start.latents;
  for (int step = 0; step < steps.on_parts; ++step) {
    const std::size_t part = static_cast<std::size_t>(step) % parts, first = part * all.size() / parts,
                      count = (part + 1) * all.size() / parts - first;
    improve_plds(all.subspan(first, count), start.model, latents_of_all.subspan(first, count), stop);
  }
  for (int step = 0; step < steps.on_all; ++step) improve_plds(all, start.model, latents_of_all, stop);
  return std::move(start.model);
}

PldsFolds cross_fit_plds(const Array<std::uint16_t, 3>& counts, const Hidden& unobserved, const Folds& folds,
                         std::span<const std::size_t> latent_counts, const std::stop_token& stop) {
  const auto fit = [&](std::size_t fold, std::size_t latents, const PldsSteps& steps = {}) {
    const std::vector<std::uint32_t> others = split_of_fold(folds, fold).train_trials;
    if (others.empty()) {
      throw Error(ErrorKind::config, "fold {} of {} holds out all trials: the PLDS needs others to fit", fold,
                  folds.count());
    }
    return fit_plds(counts, unobserved, {}, evenly_chosen(others, most_trials), latents, steps, stop);
  };
  PldsFolds best{.folds = folds, .latents = 0, .models = {}};
  VectorXd best_log_likelihood;
  const std::vector<std::uint32_t> held_out = split_of_fold(folds, 0).test_trials;
  for (const std::size_t latents : latent_counts) {
    Plds model = fit(0, latents);
    VectorXd log_likelihood = hidden_log_likelihood(model, counts, unobserved, held_out);
    if (!best.models.empty() && !(log_likelihood.sum() > best_log_likelihood.sum())) continue;
    best_log_likelihood = std::move(log_likelihood);
    best.latents = latents;
    best.models = {std::move(model)};
  }
  Plds apart = fit(0, 1, {.on_parts = 0, .on_all = 0});  // The units' means, and latents that move none.
  apart.loadings.setZero();
  const VectorXd gain = best_log_likelihood - hidden_log_likelihood(apart, counts, unobserved, held_out);
  const double deviation = std::sqrt((gain.array() - gain.mean()).square().sum());
  if (!(gain.sum() > deviation))  // about a standard error
    return {.folds = folds, .latents = 0, .models = std::vector<Plds>(folds.count())};
  for (std::size_t fold = 1; fold < folds.count(); ++fold) best.models.push_back(fit(fold, best.latents));
  return best;
}

}  // namespace rnn_rates::neural
