#include "neural/metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "check_close.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

// Two trials, three units of which one is silent, four bins of 25 ms. The expected numbers are numpy's, for
// bits per spike from the full log-likelihoods of the counts with their factorials.
const Array<float, 3> observed({2, 3, 4}, {0,  40, 80, 0,  0, 0, 0, 0, 120, 40, 0,   40,
                                           40, 40, 0,  80, 0, 0, 0, 0, 0,   80, 200, 40});
const Array<float, 3> predicted({2, 3, 4}, {4,  20, 50, 12, 1, 2, 0, 3, 100, 30, -4,  30,
                                            30, 60, 10, 70, 2, 2, 2, 2, 10,  90, 180, 44});

}  // namespace

TEST_CASE("R2 is about each unit's mean, pooled and by unit") {
  const R2 result = r2(predicted, observed);
  CHECK(result.pooled == doctest::Approx(0.9135858585858586).epsilon(1e-12));
  CHECK(result.per_unit[0] == doctest::Approx(0.7230769230769231).epsilon(1e-12));
  CHECK(std::isnan(result.per_unit[1]));
  CHECK(result.per_unit[2] == doctest::Approx(0.96125786).epsilon(1e-8));
  CHECK(result.unit_mean == doctest::Approx((result.per_unit[0] + result.per_unit[2]) / 2).epsilon(1e-12));
}

TEST_CASE("a perfect prediction has R2 1, each unit's mean has 0, silence has none") {
  CHECK(r2(observed, observed).pooled == 1.0);
  Array<float, 3> means({2, 3, 4}, 0.0F);
  for (std::size_t trial = 0; trial < 2; ++trial) {
    for (std::size_t bin = 0; bin < 4; ++bin) {
      means(trial, 0, bin) = 35.0F;
      means(trial, 2, bin) = 65.0F;
    }
  }
  CHECK(r2(means, observed).pooled == doctest::Approx(0.0).epsilon(1e-12));
  CHECK(bits_per_spike(means, observed, 1e-30) == doctest::Approx(0.0).epsilon(1e-12));
  const Array<float, 3> silent({2, 3, 4}, 0.0F);
  CHECK(std::isnan(r2(predicted, silent).pooled));
  CHECK(std::isnan(r2(predicted, silent).unit_mean));
  CHECK(std::isnan(bits_per_spike(predicted, silent)));
}

TEST_CASE("bits per spike of each unit and of some of the entries are SciPy's") {
  const BitsPerSpike all = bits_per_spike_of(predicted, observed);
  CHECK(all.pooled == doctest::Approx(0.5892931943431602).epsilon(1e-8));
  CHECK(all.per_unit[0] == doctest::Approx(0.5203748007803422).epsilon(1e-8));
  CHECK(std::isnan(all.per_unit[1]));
  CHECK(all.per_unit[2] == doctest::Approx(0.6655223294857052).epsilon(1e-8));

  const Array<std::uint8_t, 3> scored({2, 3, 4}, {1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1,  //
                                                  0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1});
  const BitsPerSpike some = bits_per_spike_of(predicted, observed, scored);
  CHECK(some.pooled == doctest::Approx(0.9137286933560723).epsilon(1e-8));
  CHECK(some.per_unit[0] == doctest::Approx(0.5857788050742292).epsilon(1e-8));
  CHECK(std::isnan(some.per_unit[1]));
  CHECK(some.per_unit[2] == doctest::Approx(1.1067963600349036).epsilon(1e-8));
  expect_error(ErrorKind::bug, {"score 1 of 24"}, [&] {
    bits_per_spike_of(predicted, observed, Array<std::uint8_t, 3>({1, 1, 1}));
  });
}

TEST_CASE("bits of runs add up to those of all, and their error is numpy's jackknife over the runs") {
  const Array<std::uint32_t, 2> run_of({2, 4}, {0, 0, 5, 7, 0, 0, 5, 7});
  const std::vector<Information> runs = information_of_runs(predicted, observed, {}, run_of);
  REQUIRE(runs.size() == 3);
  CHECK(runs[1].bits == doctest::Approx(274.18117976111046).epsilon(1e-8));
  CHECK(runs[1].spikes == 280);
  CHECK(bits_per_spike(runs) == doctest::Approx(bits_per_spike(predicted, observed)).epsilon(1e-12));
  CHECK(bits_per_spike_error(runs) == doctest::Approx(0.23374517876968146).epsilon(1e-8));
  CHECK(std::isnan(bits_per_spike_error(std::vector{runs[0]})));
  // A run of which nothing is scored is none.
  Array<std::uint8_t, 3> scored({2, 3, 4}, 1);
  for (std::size_t row = 0; row < 6; ++row) scored.values()[row * 4 + 2] = 0;
  CHECK(information_of_runs(predicted, observed, scored, run_of).size() == 2);
}

TEST_CASE("bits per spike compare Poisson likelihoods with those of the mean rates, above a floor") {
  CHECK(bits_per_spike(predicted, observed) == doctest::Approx(0.5892931943431601).epsilon(1e-8));
  CHECK(bits_per_spike(predicted, observed, 20.0) == doctest::Approx(0.21094641987002963).epsilon(1e-8));
}

TEST_CASE("a prediction that is no number stays visible in every metric") {
  Array<float, 3> broken = predicted;
  broken(1, 2, 3) = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(r2(broken, observed).pooled));
  CHECK(std::isnan(bits_per_spike(broken, observed)));
}

TEST_CASE("rates of different shapes are not compared") {
  const Array<float, 3> shorter({2, 3, 3});
  expect_error(ErrorKind::bug, {"(2, 3, 3)", "(2, 3, 4)"}, [&] { r2(shorter, observed); });
}

TEST_CASE("trial averages are taken within tastes of any size") {
  const Array<float, 3> rates({4, 1, 2}, {1, 10, 2, 20, 6, 60, 5, 50});
  const std::vector<std::uint32_t> tastes = {0, 2, 0, 0};
  const auto means = mean_per_taste(rates, tastes, 3);
  REQUIRE(means.shape() == Array<float, 3>::Shape{3, 1, 2});
  check_close(std::span(&means(0, 0, 0), 2), {4, 40}, 0.0);
  CHECK(std::isnan(means(1, 0, 0)));
  check_close(std::span(&means(2, 0, 0), 2), {2, 20}, 0.0);

  const auto others = mean_of_other_trials(rates, tastes);
  check_close(std::span(&others(0, 0, 0), 2), {5.5, 55}, 0.0);
  CHECK(std::isnan(others(1, 0, 1)));
  check_close(std::span(&others(2, 0, 0), 4), {3, 30, 3.5, 35}, 0.0);
}
