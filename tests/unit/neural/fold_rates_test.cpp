#include "neural/fold_rates.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/random.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

TEST_CASE("folds take trials in turn and never are more than the trials") {
  CHECK(assign_folds(6, 4).fold == std::vector<std::uint32_t>{0, 1, 2, 3, 0, 1});
  CHECK(assign_folds(3, 4).fold == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(assign_folds(1, 4).empty());
  CHECK(assign_folds(9, 1).empty());
  const Split split = split_of_fold(assign_folds(6, 4), 1);
  CHECK(split.test_trials == std::vector<std::uint32_t>{1, 5});
  CHECK(split.train_trials == std::vector<std::uint32_t>{0, 2, 3, 4});
}

TEST_CASE("rates of folds are their geometric mean, the unseen one, and a jackknife error") {
  // Two networks, one bin, two trials, one unit.
  std::vector<Array<float, 3>> logs(2, Array<float, 3>({1, 2, 1}));
  logs[0](0, 0, 0) = std::log(1.0f);
  logs[1](0, 0, 0) = std::log(4.0f);
  logs[0](0, 1, 0) = std::log(3.0f);
  logs[1](0, 1, 0) = std::log(3.0f);
  const CombinedFolds rates = combine_folds(logs, {.fold = {1, 0}}, 25);
  CHECK(rates.counts(0, 0, 0) == doctest::Approx(2));
  CHECK(rates.counts(1, 0, 0) == doctest::Approx(3));
  CHECK(rates.out_of_fold_hz(0, 0, 0) == doctest::Approx(4 * 40));
  CHECK(rates.out_of_fold_hz(1, 0, 0) == doctest::Approx(3 * 40));
  // (K - 1) / K times the squared deviations: 1/2 * 2 * log(2)^2.
  CHECK(rates.standard_error_hz(0, 0, 0) == doctest::Approx(2 * 40 * std::log(2.0)));
  CHECK(rates.standard_error_hz(1, 0, 0) == 0.0f);
  CHECK(combine_folds({logs.data(), 1}, {}, 25).out_of_fold_hz.size() == 0);
}

TEST_CASE("a single trial's bins come from the network of their own fold") {
  std::vector<Array<float, 3>> logs(2, Array<float, 3>({3, 1, 1}));
  for (std::size_t bin = 0; bin < 3; ++bin) {
    logs[0](bin, 0, 0) = std::log(2.0f);
    logs[1](bin, 0, 0) = std::log(5.0f);
  }
  const CombinedFolds rates = combine_folds(logs, {.over = Folds::Over::bins, .fold = {0, 1, 1}}, 1000);
  CHECK(rates.out_of_fold_hz(0, 0, 0) == doctest::Approx(2));
  CHECK(rates.out_of_fold_hz(0, 0, 1) == doctest::Approx(5));
  CHECK(rates.out_of_fold_hz(0, 0, 2) == doctest::Approx(5));
}

TEST_CASE("log rates are offset and loadings times factors, most variance first") {
  RandomStream random(1);
  Array<double, 3> logs({6, 5, 30});
  for (double& value : logs.values()) value = random.normal() - 2;
  const LogRateFactors all = factors_of_log_rates(logs, 8);
  REQUIRE(all.loadings.extent(0) == 5);
  double last = 1e9;
  for (std::size_t factor = 0; factor < 5; ++factor) {
    double squares = 0;
    for (std::size_t trial = 0; trial < 6; ++trial) {
      for (std::size_t bin = 0; bin < 30; ++bin) squares += std::pow(all.factors(trial, factor, bin), 2);
    }
    CHECK(squares <= last);
    last = squares;
  }
  double rebuilt = all.offset[2];
  for (std::size_t factor = 0; factor < 5; ++factor)
    rebuilt += all.loadings(factor, 2) * all.factors(4, factor, 17);
  CHECK(rebuilt == doctest::Approx(logs(4, 2, 17)).epsilon(1e-5));
  CHECK(factors_of_log_rates(logs, 2).factors.shape() == std::array<std::size_t, 3>{6, 2, 30});
}

TEST_CASE("so they are of more units than trials times bins") {
  RandomStream random(2);
  Array<double, 3> logs({2, 40, 5});
  for (double& value : logs.values()) value = random.normal() - 2;
  const LogRateFactors all = factors_of_log_rates(logs, 40);
  REQUIRE(all.loadings.extent(0) == 9);  // The mean takes one of ten samples.
  double rebuilt = all.offset[33], squared_length = 0;
  for (std::size_t factor = 0; factor < 9; ++factor) {
    rebuilt += all.loadings(factor, 33) * all.factors(1, factor, 3);
    squared_length += std::pow(all.factors(1, factor, 3), 2);
  }
  CHECK(rebuilt == doctest::Approx(logs(1, 33, 3)).epsilon(1e-5));
  for (std::size_t unit = 0; unit < 40; ++unit)
    squared_length -= std::pow(logs(1, unit, 3) - all.offset[unit], 2);
  CHECK(std::abs(squared_length) < 1e-4);
}
