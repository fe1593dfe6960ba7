#include "inference/tuning.hpp"

#include <doctest/doctest.h>

#include "neural/fits.hpp"
#include "neural/rates.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

/// Of ten spikes each, with these bits.
Runs runs(const std::vector<double>& bits) {
  Runs runs;
  runs.reserve(bits.size());
  for (const double each : bits) runs.push_back({each, 10});
  return runs;
}

}  // namespace

TEST_CASE("a network is scored on its own held-out trials, while what it predicts is hidden") {
  const FitData data = small_fit();
  const double spikes_per_bin = 1.3;
  for (const std::uint32_t fold : {0u, 1u}) {
    const Runs found = held_out_information(data, constant_gru(spikes_per_bin), fold);
    CHECK(found.size() == 4);
    const auto trials = neural::split_of_fold(data.fit.folds, fold).test_trials;
    const Array<float, 3> counted_hz = neural::trials_of(neural::rate_hz(data.counts, data.bin_ms()), trials);
    const Array<float, 3> predicted_hz(counted_hz.shape(), static_cast<float>(spikes_per_bin * 40));
    CHECK(neural::bits_per_spike(found) ==
          doctest::Approx(neural::bits_per_spike(predicted_hz, counted_hz)).epsilon(1e-3));
  }
}

TEST_CASE("without folds the test trials are scored, and nothing where there are none") {
  FitData data = small_fit();
  data.fit.folds = {};
  CHECK(held_out_information(data, constant_gru(1), std::nullopt).empty());
  data.fit.test_trials = {2, 7};
  CHECK(held_out_information(data, constant_gru(1), std::nullopt).size() == 2);
}

TEST_CASE("what is better on the same runs is so with an error of the difference, not of each") {
  const Difference won = difference(runs({5, 9, 1}), runs({4, 8, 0}));
  CHECK(won.bits == doctest::Approx(0.1));
  CHECK(won.standard_error == doctest::Approx(0));
}

TEST_CASE("the better ones go on, and the settings as they are in any case") {
  const std::vector<Runs> candidates = {runs({1, 1}), runs({2, 4}), runs({1, 0}), runs({4, 3})};
  CHECK(best_of(candidates, 1) == std::vector<std::size_t>{0, 3});
  CHECK(best_of(candidates, 2) == std::vector<std::size_t>{0, 1, 3});
  CHECK(best_of(candidates, 3) == std::vector<std::size_t>{0, 1, 3});
  CHECK(best_of(candidates, 9).size() == 4);
  const std::vector<Runs> silent = {{}, {}};
  CHECK(best_of(silent, 1) == std::vector<std::size_t>{0});
}

TEST_CASE("settings change only for a gain that is larger than its error") {
  const Runs given = runs({1, 2, 3, 4});
  CHECK(winner(std::vector{given, runs({2, 3, 4, 5})}) == 1);
  CHECK(winner(std::vector{given, runs({2, 3, 4, 5}), runs({3, 4, 5, 6})}) == 2);
  CHECK(winner(std::vector{given, runs({0, 1, 2, 3})}) == 0);
  // Better by 0.05 bits a spike on average, give or take 0.16.
  CHECK(winner(std::vector{given, runs({6, -1, 1, 6})}) == 0);
  // A single run tells no error.
  CHECK(winner(std::vector{runs({1}), runs({9})}) == 0);
  CHECK(winner(std::vector<Runs>{{}, {}}) == 0);
}
