#include "neural/plds.hpp"

#include <doctest/doctest.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "neural/fits.hpp"
#include "support/expect_error.hpp"
#include "support/stopped.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

MatrixXd random_matrix(RandomStream& random, Index rows, Index columns) {
  return MatrixXd::NullaryExpr(rows, columns, [&] { return random.normal(); });
}

/// Two latents that turn around each other, seen by `units` units.
Plds turning_model(Index units) {
  RandomStream random(3);
  Plds model;
  model.units = all_indices(static_cast<std::size_t>(units));
  model.dynamics = 0.97 * Eigen::Rotation2Dd(0.25).toRotationMatrix();
  model.precision = MatrixXd::Identity(2, 2) / (1.0 - 0.97 * 0.97);
  model.first_mean = VectorXd::Zero(2);
  model.first_precision = MatrixXd::Identity(2, 2);
  model.loadings = 0.7 * random_matrix(random, units, 2);
  model.offset = VectorXd::Constant(units, -1.0);
  return model;
}

std::uint16_t poisson(RandomStream& random, double mean) {
  std::uint16_t count = 0;
  for (double product = random.uniform(); product > std::exp(-mean); product *= random.uniform()) ++count;
  return count;
}

struct Simulated {
  Array<std::uint16_t, 3> counts;
  Array<float, 3> expected;
};

Simulated simulate(const Plds& model, std::size_t trials, std::size_t bins) {
  RandomStream random(5);
  const std::size_t units = model.units.size();
  Simulated session{Array<std::uint16_t, 3>({trials, units, bins}), Array<float, 3>({trials, units, bins})};
  const MatrixXd noise = model.precision.inverse().llt().matrixL();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    VectorXd latents = random_matrix(random, 2, 1);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t unit = 0; unit < units; ++unit) {
        const auto u = static_cast<Index>(unit);
        const double mean = std::exp(model.offset[u] + model.loadings.row(u) * latents);
        session.expected(trial, unit, bin) = static_cast<float>(mean);
        session.counts(trial, unit, bin) = poisson(random, mean);
      }
      latents = model.dynamics * latents + noise * random_matrix(random, 2, 1);
    }
  }
  return session;
}

/// Some entries, among them all of a bin.
Hidden some_hidden(const Array<std::uint16_t, 3>& counts) {
  Hidden hidden = hide_part(block_parts(counts.shape(), 3, 4, counts.extent(0), 1), 0);
  for (std::size_t unit = 0; unit < counts.extent(1); ++unit) hidden(0, unit, 2) = 1;
  return hidden;
}

/// Three trials of a small session with gains.
PldsBatch small_batch(const Plds& model, const Array<std::uint16_t, 3>& counts) {
  RandomStream random(9);
  Array<double, 2> log_gain({counts.extent(0), counts.extent(1)});
  for (double& value : log_gain.values()) value = 0.3 * random.normal();
  const std::vector<std::uint32_t> trials = {0, 1, 2};
  return make_batch(counts, some_hidden(counts), log_gain, trials, model.units);
}

double correlation2(std::span<const float> found, std::span<const float> expected) {
  double mean = 0.0, error = 0.0, variance = 0.0;
  for (const float value : expected) mean += value;
  mean /= static_cast<double>(expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(found[i] - expected[i], 2);
    variance += std::pow(expected[i] - mean, 2);
  }
  return 1.0 - error / variance;
}

}  // namespace

TEST_CASE("side by side, block tridiagonal systems are solved and inverted as dense ones") {
  constexpr Index size = 3, blocks = 4;
  RandomStream random(1);
  const MatrixXd coupling = random_matrix(random, size, size);
  MatrixXd diagonal(blocks * lanes, packed(size, 0)), right = random_matrix(random, blocks * lanes, size);
  std::vector<MatrixXd> dense(lanes, MatrixXd::Zero(blocks * size, blocks * size));
  for (Index lane = 0; lane < lanes; ++lane) {
    MatrixXd& whole = dense[static_cast<std::size_t>(lane)];
    for (Index block = 0; block < blocks; ++block) {
      const MatrixXd root = random_matrix(random, size, size);
      const MatrixXd own = root * root.transpose() + 20.0 * MatrixXd::Identity(size, size);
      for (Index i = 0; i < size; ++i) {
        for (Index j = 0; j <= i; ++j) diagonal(block * lanes + lane, packed(i, j)) = own(i, j);
      }
      whole.block<size, size>(block * size, block * size) = own;
      if (block == 0) continue;
      whole.block<size, size>((block - 1) * size, block * size) = -coupling;
      whole.block<size, size>(block * size, (block - 1) * size) = -coupling.transpose();
    }
  }
  const BlockTridiagonal system(diagonal, coupling);
  MatrixXd solution = right;
  system.solve(solution);
  const BlockTridiagonal::Inverse inverse = system.inverse();
  for (Index lane = 0; lane < lanes; ++lane) {
    const MatrixXd& whole = dense[static_cast<std::size_t>(lane)];
    const MatrixXd expected = whole.inverse();
    CHECK(system.log_determinant()[lane] == doctest::Approx(std::log(whole.determinant())).epsilon(1e-12));
    VectorXd of_lane(blocks * size);
    for (Index block = 0; block < blocks; ++block)
      of_lane.segment<size>(block * size) = right.row(block * lanes + lane).transpose();
    of_lane = expected * of_lane;
    for (Index block = 0; block < blocks; ++block) {
      for (Index i = 0; i < size; ++i) {
        const Index row = block * lanes + lane, at = block * size + i;
        CHECK(solution(row, i) == doctest::Approx(of_lane[at]).epsilon(1e-10));
        for (Index j = 0; j < size; ++j) {
          if (j <= i) {
            CHECK(inverse.diagonal(row, packed(i, j)) ==
                  doctest::Approx(expected(at, block * size + j)).epsilon(1e-10));
          }
          if (block + 1 == blocks) continue;
          CHECK(inverse.above(row, i * size + j) ==
                doctest::Approx(expected(at, (block + 1) * size + j)).epsilon(1e-10));
        }
      }
    }
  }
}

TEST_CASE("the density of latents has the gradient and the curvature of finite differences") {
  const Plds model = turning_model(5);
  const PldsBatch batch = small_batch(model, simulate(model, 4, 6).counts);
  RandomStream random(2);
  const MatrixXd latents = random_matrix(random, 6 * lanes, 2);
  const MatrixXd gradient = plds_gradient(model, batch, latents, plds_density(model, batch, latents));
  constexpr double small = 1e-4;
  const auto moved = [&](Index row, Index latent, double by) {
    MatrixXd there = latents;
    there(row, latent) += by;
    return there;
  };
  MatrixXd curvature(latents.rows(), 2);  // along one direction, times it
  const MatrixXd direction = random_matrix(random, latents.rows(), 2);
  const auto gradient_at = [&](const MatrixXd& there) {
    return plds_gradient(model, batch, there, plds_density(model, batch, there));
  };
  for (Index row = 0; row < latents.rows(); ++row) {
    for (Index latent = 0; latent < 2; ++latent) {
      const double up = plds_density(model, batch, moved(row, latent, small)).log_density[row % lanes],
                   down = plds_density(model, batch, moved(row, latent, -small)).log_density[row % lanes];
      CHECK(gradient(row, latent) == doctest::Approx((up - down) / (2 * small)).epsilon(1e-6));
    }
  }
  curvature =
      (gradient_at(latents - small * direction) - gradient_at(latents + small * direction)) / (2 * small);
  plds_precision(model, plds_density(model, batch, latents)).solve(curvature);
  CHECK((curvature - direction).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("the mode is where the gradient vanishes, from any start") {
  const Plds model = turning_model(6);
  const PldsBatch batch = small_batch(model, simulate(model, 4, 20).counts);
  RandomStream random(4);
  const MatrixXd far = 5.0 * random_matrix(random, 20 * lanes, 2);
  const PldsPosterior near = plds_posterior(model, batch, MatrixXd::Zero(20 * lanes, 2), 50),
                      same = plds_posterior(model, batch, far, 50);
  const MatrixXd gradient = plds_gradient(model, batch, near.mean, plds_density(model, batch, near.mean));
  CHECK(gradient.cwiseAbs().maxCoeff() < 1e-3);
  CHECK((near.mean - same.mean).cwiseAbs().maxCoeff() < 1e-3);
  CHECK((near.log_evidence - same.log_evidence).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("expectation maximisation adds to the evidence of a PLDS") {
  const Simulated session = simulate(turning_model(12), 12, 40);
  const std::vector<std::uint32_t> trials = all_indices(12);
  Plds model = fit_plds(session.counts, {}, {}, trials, 2, {.on_parts = 0, .on_all = 0});
  std::vector<PldsBatch> batches;
  std::vector<MatrixXd> latents;
  for (std::size_t first = 0; first < trials.size(); first += lanes) {
    batches.push_back(make_batch(session.counts, {}, {}, batch_at(trials, first), model.units));
    latents.push_back(plds_posterior(model, batches.back(), MatrixXd::Zero(40 * lanes, 2), 50).mean);
  }
  double before = improve_plds(batches, model, latents);
  for (int step = 0; step < 15; ++step) {
    const double now = improve_plds(batches, model, latents);
    CHECK(now > before - 1e-3);
    before = now;
  }
}

TEST_CASE("a fitted PLDS knows the dynamics, and predicts trials that it did not see like the true one") {
  const Plds truth = turning_model(25);
  const Simulated session = simulate(truth, 60, 50);
  const Folds folds = assign_folds(60, 4);
  const std::size_t latents[] = {1, 2};
  const PldsFolds fitted = cross_fit_plds(session.counts, {}, folds, latents);
  REQUIRE(fitted.latents == 2);
  const Eigen::VectorXcd turns = fitted.models[0].dynamics.eigenvalues();
  CHECK(std::abs(turns[0]) == doctest::Approx(0.97).epsilon(0.03));
  CHECK(std::abs(std::arg(turns[0])) == doctest::Approx(0.25).epsilon(0.1));
  const Array<float, 3> found_hz = predict_plds(fitted, session.counts, {}, 1000.0),
                        best = plds_counts(truth, session.counts, {}, all_indices(60), {});
  const double reached = correlation2(found_hz.values(), session.expected.values()),
               possible = correlation2(best.values(), session.expected.values());
  CHECK(possible > 0.6);
  CHECK(reached > possible - 0.03);
}

TEST_CASE("a PLDS learns and predicts nothing from what is hidden") {
  Simulated session = simulate(turning_model(8), 16, 30);
  for (std::size_t trial = 0; trial < 16; ++trial) {
    for (std::size_t bin = 0; bin < 30; ++bin) session.counts(trial, 7, bin) = 0;  // never spikes
  }
  Array<std::uint16_t, 3> changed = session.counts;
  const Hidden hidden = some_hidden(session.counts);
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (hidden.values()[i] != 0)
      changed.values()[i] = static_cast<std::uint16_t>(7 - changed.values()[i] % 5);
  }
  const Folds folds = assign_folds(16, 4);
  const std::size_t latents[] = {1, 2};
  const auto predicted_hz = [&](const Array<std::uint16_t, 3>& counts) {
    return predict_plds(cross_fit_plds(counts, hidden, folds, latents), counts, hidden, 25.0);
  };
  const Array<float, 3> rates_hz = predicted_hz(session.counts);
  CHECK(rates_hz == predicted_hz(changed));
  CHECK(rates_hz(3, 7, 5) == 0.0f);
  // In trials of the same fold, what a trial shows tells nothing of another.
  const PldsFolds fitted = cross_fit_plds(session.counts, {}, folds, latents);
  Array<std::uint16_t, 3> other = session.counts;
  for (std::size_t bin = 0; bin < 30; ++bin) other(0, 1, bin) = 3;
  const Array<float, 3> with = predict_plds(fitted, session.counts, {}, 25.0),
                        without = predict_plds(fitted, other, {}, 25.0);
  CHECK(with(4, 1, 5) == without(4, 1, 5));
  CHECK(with(0, 1, 5) != without(0, 1, 5));
}

TEST_CASE("a PLDS of units that share nothing is their means") {
  RandomStream random(5);
  Array<std::uint16_t, 3> flat({24, 6, 20});
  for (std::uint16_t& count : flat.values()) count = random.uniform() < 0.3 ? 1 : 0;
  const std::size_t latents[] = {4, 8};
  const PldsFolds fitted = cross_fit_plds(flat, {}, assign_folds(24, 4), latents);
  CHECK(fitted.latents == 0);
  const Array<float, 3> rates_hz = predict_plds(fitted, flat, {}, 25.0);
  const std::vector<double> mean_hz = mean_kept_rate_hz(flat, {}, 25.0);
  for (std::size_t unit = 0; unit < 6; ++unit)
    CHECK(double{rates_hz(3, unit, 7)} == doctest::Approx(mean_hz[unit]));
}

TEST_CASE("gains shift the rates of a PLDS") {
  const Plds model = turning_model(6);
  const Array<std::uint16_t, 3> silent({1, 6, 10});
  Hidden all(silent.shape(), 1);
  const std::vector<std::uint32_t> trials = {0};
  const Array<double, 2> log_gain({1, 6}, std::log(3.0));
  const Array<float, 3> plain = plds_counts(model, silent, all, trials, {}),
                        gained = plds_counts(model, silent, all, trials, log_gain);
  for (std::size_t i = 0; i < plain.size(); ++i)
    CHECK(gained.values()[i] == doctest::Approx(3.0 * plain.values()[i]).epsilon(1e-5));
}

TEST_CASE("a PLDS stops between trials, and needs some to learn from") {
  const Simulated session = simulate(turning_model(4), 4, 10);
  const std::size_t latents[] = {1};
  test::expect_error(ErrorKind::stopped, {"run again"}, [&] {
    cross_fit_plds(session.counts, {}, assign_folds(4, 2), latents, test::stopped());
  });
  test::expect_error(ErrorKind::config, {"holds out all trials"}, [&] {
    cross_fit_plds(session.counts, {}, {.fold = {0, 0, 0, 0}}, latents);
  });
}
