#include "neural/stacking.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/error.hpp"
#include "core/stop_token.hpp"
#include "neural/matrix.hpp"

namespace rnn_rates::neural {

namespace {
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double floor_hz = 0.1;
constexpr int most_iterations = 100;
constexpr int most_halvings = 34;
constexpr std::size_t most_methods = 8;

double log_ratio(float rate_hz, double mean_hz) {
  return std::log(std::max(double{rate_hz}, floor_hz) / mean_hz);
}

std::vector<double> mean_rates_hz(const Array<std::uint16_t, 3>& counts,
                                  std::span<const std::uint32_t> trials, double bin_ms,
                                  const Observed& observed) {
  const auto [all_trials, units, bins] = counts.shape();
  std::vector<double> means;
  means.reserve(units);
  for (std::size_t unit = 0; unit < units; ++unit) {
    double spikes = 0.0, seen = 0.0;
    for (const std::uint32_t trial : trials) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        if (observed.size() != 0 && observed(trial, unit, bin) == 0) continue;
        spikes += counts(trial, unit, bin);
        seen += 1.0;
      }
    }
    means.push_back(seen > 0.0 ? spikes * 1000.0 / (seen * bin_ms) : 0.0);
  }
  return means;
}

/// The bins in which a unit was observed in a trial.
std::vector<std::size_t> seen_bins(const Array<std::uint16_t, 3>& counts, std::size_t trial, std::size_t unit,
                                   const Observed& observed) {
  std::vector<std::size_t> seen;
  seen.reserve(counts.extent(2));
  for (std::size_t bin = 0; bin < counts.extent(2); ++bin) {
    if (observed.size() == 0 || observed(trial, unit, bin) != 0) seen.push_back(bin);
  }
  return seen;
}

/// One unit in one trial: log rates against the unit's mean, and a 1 for the shift, (bin, parameter).
struct Row {
  MatrixXd features;
  VectorXd counts;
  double mean_count;
};

/// Negative log-likelihood, but for terms without the parameters, and its derivatives.
struct Misfit {
  double value = 0.0;
  VectorXd gradient;
  MatrixXd curvature;
};

/// What the parameters are fitted to.
struct Target {
  std::vector<Row> rows;
  double spikes = 0.0;
  StackTerms terms = {};
};

/// How far the weights are from equal parts; 0 for the shift.
VectorXd off_equal(const VectorXd& parameters) {
  const Index methods = parameters.size() - 1;
  VectorXd off = VectorXd::Zero(parameters.size());
  off.head(methods) = parameters.head(methods).array() - 1.0 / static_cast<double>(methods);
  return off;
}

double value_at(const Target& target, const VectorXd& parameters) {
  double value = target.spikes / 2.0 *
                 (target.terms.towards_equal * off_equal(parameters).squaredNorm() -
                  target.terms.ambiguity * parameters[0] * parameters[0]);
  for (const Row& row : target.rows) {
    const VectorXd exponent = row.features * parameters;
    value += row.mean_count * exponent.array().exp().sum() - row.counts.dot(exponent);
  }
  return value;
}

/// Adds the derivatives of the penalty for weights that are off equal parts.
void draw_towards_equal(double strength, const VectorXd& parameters, Misfit& misfit) {
  misfit.gradient += strength * off_equal(parameters);
  misfit.curvature.diagonal().head(parameters.size() - 1).array() += strength;
}

Misfit misfit_at(const Target& target, const VectorXd& parameters) {
  const Index size = parameters.size();
  Misfit misfit{value_at(target, parameters), VectorXd::Zero(size), MatrixXd::Zero(size, size)};
  draw_towards_equal(target.spikes * target.terms.towards_equal, parameters, misfit);
  misfit.gradient[0] -= target.spikes * target.terms.ambiguity * parameters[0];
  misfit.curvature(0, 0) -= target.spikes * target.terms.ambiguity;
  for (const Row& row : target.rows) {
    const VectorXd expected = row.mean_count * (row.features * parameters).array().exp();
    misfit.gradient += row.features.transpose() * (expected - row.counts);
    misfit.curvature += row.features.transpose() * (expected.asDiagonal() * row.features);
  }
  return misfit;
}

/// Of the misfit taken as quadratic.
double change_of(const Misfit& misfit, const VectorXd& step) {
  return misfit.gradient.dot(step) + 0.5 * step.dot(misfit.curvature * step);
}

/// The parameters with the least quadratic misfit around `now`, among those whose weights `free` may differ
/// from 0 and, where `tight`, sum to 1: a linear system.
VectorXd constrained_minimum(const Misfit& misfit, const VectorXd& now, const std::vector<Index>& free,
                             bool tight) {
  const auto size = static_cast<Index>(free.size());
  const VectorXd target = misfit.curvature * now - misfit.gradient;
  MatrixXd system = MatrixXd::Zero(size + (tight ? 1 : 0), size + (tight ? 1 : 0));
  VectorXd right = VectorXd::Zero(system.rows());
  system.topLeftCorner(size, size) = misfit.curvature(free, free);
  right.head(size) = target(free);
  if (tight) {
    // The shift, the last of the parameters, is no weight.
    system.col(size).head(size - 1).setOnes();
    system.row(size).head(size - 1).setOnes();
    right[size] = 1.0;
  }
  const VectorXd solution = system.fullPivLu().solve(right);
  VectorXd parameters = VectorXd::Zero(now.size());
  for (Index i = 0; i < size; ++i) parameters[free[static_cast<std::size_t>(i)]] = solution[i];
  return parameters;
}

/// The least quadratic misfit around `now` among all allowed parameters. It is one of the constrained minima,
/// of which there are few for a handful of methods.
VectorXd quadratic_minimum(const Misfit& misfit, const VectorXd& now) {
  constexpr double tolerance = 1e-12;
  const Index weights = now.size() - 1;
  VectorXd best = now;
  double least = std::numeric_limits<double>::infinity();
  for (unsigned subset = 0; subset < 1u << weights; ++subset) {
    std::vector<Index> free;
    for (Index i = 0; i < weights; ++i) {
      if ((subset >> i & 1u) != 0) free.push_back(i);
    }
    free.push_back(weights);
    for (const bool tight : {false, true}) {
      if (tight && subset == 0) continue;
      const VectorXd candidate = constrained_minimum(misfit, now, free, tight);
      if (candidate.head(weights).minCoeff() < -tolerance || candidate.head(weights).sum() > 1.0 + tolerance)
        continue;
      const VectorXd step = candidate - now;
      const double value = change_of(misfit, step);
      if (value < least) least = value, best = candidate;
    }
  }
  best.head(weights) = best.head(weights).cwiseMax(0.0);
  return best;
}

/// The allowed parameters with the least misfit: Newton steps to the minima of its quadratic approximations.
VectorXd minimise(const Target& target, VectorXd parameters, const std::stop_token& stop) {
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    end_if_stopped(stop);
    Misfit misfit = misfit_at(target, parameters);
    // Methods that predict the same leave one direction open.
    misfit.curvature.diagonal() *= 1.0 + 1e-9;
    const VectorXd step = quadratic_minimum(misfit, parameters) - parameters;
    double gain = 0.0;
    for (int halvings = 0; halvings < most_halvings; ++halvings) {
      const double share = std::ldexp(1.0, -halvings);
      const double next = misfit.value - value_at(target, parameters + share * step);
      if (!(next >= -1e-4 * share * misfit.gradient.dot(step))) continue;
      gain = next;
      parameters += share * step;
      break;
    }
    if (!(gain > 1e-12 * std::abs(misfit.value))) break;
  }
  return parameters;
}

/// The trials' units that spike, `mean_hz` (unit) of which is above 0.
Target target_of(std::span<const Array<float, 3>> rates_hz, const Array<std::uint16_t, 3>& counts,
                 std::span<const std::uint32_t> trials, const std::vector<double>& mean_hz, double bin_ms,
                 const Observed& observed) {
  const auto methods = static_cast<Index>(rates_hz.size());
  Target target;
  for (const std::uint32_t trial : trials) {
    for (std::size_t unit = 0; unit < counts.extent(1); ++unit) {
      if (!(mean_hz[unit] > 0.0)) continue;
      const std::vector<std::size_t> seen = seen_bins(counts, trial, unit, observed);
      const auto bins = static_cast<Index>(seen.size());
      Row row{MatrixXd::Ones(bins, methods + 1), VectorXd(bins), mean_hz[unit] * bin_ms / 1000.0};
      for (Index i = 0; i < bins; ++i) {
        const std::size_t at = seen[static_cast<std::size_t>(i)];
        for (Index method = 0; method < methods; ++method)
          row.features(i, method) =
              log_ratio(rates_hz[static_cast<std::size_t>(method)](trial, unit, at), mean_hz[unit]);
        row.counts[i] = counts(trial, unit, at);
      }
      target.spikes += row.counts.sum();
      target.rows.push_back(std::move(row));
    }
  }
  return target;
}

VectorXd parameters_of(const Stack& stack) {
  VectorXd parameters(static_cast<Index>(stack.weights.size()) + 1);
  parameters << Eigen::Map<const VectorXd>(stack.weights.data(), parameters.size() - 1), stack.shift;
  return parameters;
}

}  // namespace

Stack fit_stack(std::span<const Array<float, 3>> rates_hz, const Array<std::uint16_t, 3>& counts,
                std::span<const std::uint32_t> trials, double bin_ms, const Observed& observed,
                const StackTerms& terms, const Stack& start, const std::stop_token& stop) {
  if (rates_hz.empty() || rates_hz.size() > most_methods)
    throw Error(ErrorKind::bug, "cannot stack {} methods: expected 1 to {}", rates_hz.size(), most_methods);
  for (const Array<float, 3>& rates : rates_hz) {
    if (rates.shape() != counts.shape())
      throw Error(ErrorKind::bug, "cannot stack {} rates on {} counts", rates.size(), counts.size());
  }
  const auto methods = static_cast<Index>(rates_hz.size());
  Stack stack{{}, 0.0, mean_rates_hz(counts, trials, bin_ms, observed)};
  Target target = target_of(rates_hz, counts, trials, stack.mean_hz, bin_ms, observed);
  target.terms = terms;
  const VectorXd parameters = minimise(
      target, start.weights.empty() ? VectorXd(VectorXd::Zero(methods + 1)) : parameters_of(start), stop);
  stack.weights.assign(parameters.begin(), parameters.end() - 1);
  stack.shift = parameters[methods];
  return stack;
}

double choose_towards_equal(const Stack& stack, std::span<const std::vector<std::uint32_t>> groups,
                            std::span<const Array<float, 3>> rates_hz, const Array<std::uint16_t, 3>& counts,
                            double bin_ms, const Observed& observed, const std::stop_token& stop) {
  constexpr std::array<double, 5> strengths = {0.0, 0.003, 0.01, 0.03, 0.1};
  const VectorXd now = parameters_of(stack);
  std::vector<Misfit> misfits;
  std::vector<double> spikes;
  misfits.reserve(groups.size()), spikes.reserve(groups.size());
  for (const std::vector<std::uint32_t>& trials : groups) {
    end_if_stopped(stop);
    const Target target = target_of(rates_hz, counts, trials, stack.mean_hz, bin_ms, observed);
    misfits.push_back(misfit_at(target, now));
    spikes.push_back(target.spikes);
  }
  std::array<double, strengths.size()> left_out{};
  for (std::size_t out = 0; out < groups.size(); ++out) {
    Misfit others{0.0, VectorXd::Zero(now.size()), MatrixXd::Zero(now.size(), now.size())};
    double spikes_of_others = 0.0;
    for (std::size_t group = 0; group < groups.size(); ++group) {
      if (group == out) continue;
      others.gradient += misfits[group].gradient;
      others.curvature += misfits[group].curvature;
      spikes_of_others += spikes[group];
    }
    for (std::size_t i = 0; i < strengths.size(); ++i) {
      Misfit drawn = others;
      draw_towards_equal(spikes_of_others * strengths[i], now, drawn);
      const VectorXd step = quadratic_minimum(drawn, now) - now;
      left_out[i] += change_of(misfits[out], step);
    }
  }
  return strengths[static_cast<std::size_t>(std::min_element(left_out.begin(), left_out.end()) -
                                            left_out.begin())];
}

Array<float, 3> stacked_rate_hz(const Stack& stack, std::span<const Array<float, 3>> rates_hz) {
  const auto [trials, units, bins] = rates_hz.front().shape();
  Array<float, 3> stacked({trials, units, bins});
  for (std::size_t i = 0; i < stacked.size(); ++i) {
    const double mean_hz = stack.mean_hz[i / bins % units];
    if (!(mean_hz > 0.0)) continue;
    double exponent = stack.shift;
    for (std::size_t method = 0; method < rates_hz.size(); ++method)
      exponent += stack.weights[method] * log_ratio(rates_hz[method].values()[i], mean_hz);
    stacked.values()[i] = static_cast<float>(mean_hz * std::exp(exponent));
  }
  return stacked;
}

}  // namespace rnn_rates::neural
