#include "inference/combine.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

/// What combine() starts from, with rates of two methods that are easy to follow by hand.
struct Start {
  FitData data = small_fit();
  FitRates network;
  Predictions hidden;
  Combination combination;

  Start() {
    const auto& shape = data.counts.shape();
    network.pred_firing = Array<double, 3>(shape, 1.0);
    network.rate_hz = Array<float, 3>(shape, 40.0F);
    network.folds = FoldRates{data.fit.folds, Array<float, 3>(shape, 20.0F), Array<float, 3>(shape, 4.0F)};
    hidden.methods[Method::rnn].blocks = {Array<float, 3>(shape, 30.0F), 4};
    hidden.methods[Method::condition_average].blocks = {Array<float, 3>(shape, 60.0F), 4};
    hidden.methods[Method::condition_average].rate_hz = Array<float, 3>(shape, 90.0F);
    combination.methods = {Method::rnn, Method::condition_average};
    combination.all = {.weights = {0.5, 0.25}, .shift = 0.1, .mean_hz = {10, 20, 0}};
    combination.folds = {{.weights = {1, 0}, .shift = 0, .mean_hz = {10, 20, 0}},
                         {.weights = {0, 1}, .shift = 0, .mean_hz = {10, 20, 0}}};
  }
};

}  // namespace

TEST_CASE("combined rates are weighted sums of log rates against the unit's mean") {
  const Start start;
  const FitRates rates = combine(start.data, start.network, start.hidden, start.combination);
  const double expected_hz = 10 * std::exp(0.1 + 0.5 * std::log(4.0) + 0.25 * std::log(9.0));
  CHECK(rates.rate_hz(3, 0, 11) == doctest::Approx(expected_hz));
  CHECK(rates.pred_firing(3, 0, 11) == doctest::Approx(expected_hz / 40));
  // The even trials are of fold 0, whose stack takes the network alone, the others of one that takes none of
  // it.
  CHECK(rates.folds->rate_out_of_fold_hz(2, 1, 0) == doctest::Approx(20));
  CHECK(rates.folds->rate_out_of_fold_hz(3, 1, 0) == doctest::Approx(90));
  // A unit without spikes keeps the network's rate.
  CHECK(rates.rate_hz(3, 2, 11) == 40.0F);
  CHECK(rates.folds->rate_out_of_fold_hz(3, 2, 0) == 20.0F);
  REQUIRE(rates.mixture);
  CHECK(rates.mixture->methods == start.combination.methods);
  CHECK(rates.mixture->weights == std::vector<double>{0.5, 0.25});
  CHECK(rates.mixture->shift == 0.1);
}

TEST_CASE("the error of a combined log rate over the folds is the network's times its weight") {
  const Start start;
  const FitRates rates = combine(start.data, start.network, start.hidden, start.combination);
  CHECK(rates.folds->rate_standard_error_hz(0, 1, 4) ==
        doctest::Approx(0.5 * rates.rate_hz(0, 1, 4) * 4.0 / 40));
}

TEST_CASE("hidden blocks are combined by the weights of the other folds") {
  const Start start;
  const Array<float, 3> rates_hz = combined_hidden_hz(start.data, start.hidden, start.combination);
  CHECK(rates_hz(4, 0, 1) == doctest::Approx(30));
  CHECK(rates_hz(5, 0, 1) == doctest::Approx(60));
}

TEST_CASE("stacks leave out the trials of their fold, and take those of the methods that are there") {
  Start start;
  // The network is right about the even trials, the condition average about the others.
  const auto& counts = start.data.counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const bool even = i / (counts.extent(1) * counts.extent(2)) % 2 == 0;
    const float right_hz = static_cast<float>(counts.values()[i]) * 40, wrong_hz = 120.0F - right_hz;
    start.hidden.methods[Method::rnn].blocks.rate_hz.values()[i] = even ? right_hz : wrong_hz;
    start.hidden.methods[Method::condition_average].blocks.rate_hz.values()[i] = even ? wrong_hz : right_hz;
  }
  const Combination found =
      fit_combination(start.data, start.network, start.hidden, {CombineWith::condition_average}, 2);
  CHECK(found.methods == start.combination.methods);
  REQUIRE(found.folds.size() == 2);
  // Fold 0 holds out the even trials: its stack has seen the others only.
  CHECK(found.folds[0].weights[0] < 0.01);
  CHECK(found.folds[0].weights[1] > 0.5);
  CHECK(found.folds[1].weights[0] > 0.5);
  CHECK(found.folds[1].weights[1] < 0.01);
  CHECK(found.all.mean_hz[2] == 0.0);
}

TEST_CASE("the mean of networks that differ gets more weight than one of them") {
  Start start;
  // Both methods know whether a count is 0, and nothing else of it.
  const auto& counts = start.data.counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const bool spikes = counts.values()[i] > 0;
    for (const Method method : {Method::rnn, Method::condition_average})
      start.hidden.methods[method].blocks.rate_hz.values()[i] = spikes ? 60.0F : 30.0F;
  }
  const auto weights = [&](float error_hz) {
    start.network.folds->rate_standard_error_hz = Array<float, 3>(counts.shape(), error_hz);
    return fit_combination(start.data, start.network, start.hidden, {CombineWith::condition_average}, 2);
  };
  const Combination same = weights(0.0F), different = weights(8.0F);
  CHECK(different.all.weights[0] > same.all.weights[0] + 0.1);
  // Out of fold a single network predicts.
  CHECK(different.folds[0].weights == same.folds[0].weights);
}
