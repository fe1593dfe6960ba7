#include "inference/unit_gains.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "inference/combine.hpp"
#include "inference/predict.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

/// Forty trials of one taste, half of whose units spike ever more, the other half ever less; the last never.
FitData drifting_fit() {
  FitData data = small_fit();
  data.fit.trial_taste.assign(40, 0);
  data.fit.train_trials = neural::all_indices(40);
  data.fit.folds = neural::assign_folds(40, 2);
  data.counts = Array<std::uint16_t, 3>({40, 3, 20});
  for (std::size_t trial = 0; trial < 40; ++trial) {
    for (std::size_t bin = 0; bin < 20; ++bin) {
      data.counts(trial, 0, bin) = static_cast<std::uint16_t>((trial + bin) % 2 + trial / 10);
      data.counts(trial, 1, bin) = static_cast<std::uint16_t>((trial + bin) % 2 + 3 - trial / 10);
    }
  }
  return data;
}

Networks two_grus(const FitData& data) {
  return make_networks(data, {constant_gru(2), constant_gru(2)}, Weights::last);
}

}  // namespace

TEST_CASE("networks' rates follow gains, with their counts and errors") {
  const FitData data = drifting_fit();
  const FitRates before = network_rates(data, two_grus(data));
  FitRates after = before;
  follow_gains(data, after);
  REQUIRE(after.gain.shape() == Array<double, 2>::Shape{40, 3});
  CHECK(after.gain(35, 0) > 1.5);
  CHECK(after.gain(35, 1) < 0.7);
  for (const auto& [trial, unit] : {std::pair{3U, 0U}, std::pair{35U, 1U}}) {
    const double gain = after.gain(trial, unit);
    CHECK(after.rate_hz(trial, unit, 4) == doctest::Approx(gain * before.rate_hz(trial, unit, 4)));
    CHECK(after.pred_firing(trial, unit, 4) == doctest::Approx(gain * before.pred_firing(trial, unit, 4)));
    CHECK(after.folds->rate_standard_error_hz(trial, unit, 4) ==
          doctest::Approx(gain * before.folds->rate_standard_error_hz(trial, unit, 4)));
    CHECK(after.folds->rate_out_of_fold_hz(trial, unit, 4) ==
          doctest::Approx(gain * before.folds->rate_out_of_fold_hz(trial, unit, 4)));
  }
}

TEST_CASE("predictions follow gains, but no hidden spike reaches what is predicted of it") {
  FitData data = drifting_fit();
  const Networks networks = two_grus(data);
  const Purpose plain{.combine_with = {}, .gains = false}, purpose{.combine_with = {}, .gains = true};
  const Predictions before = predict(data, networks, purpose, {}, 1);
  for (const Method method : {Method::rnn, Method::condition_average, Method::gaussian}) {
    CAPTURE(word(method));
    const bool same = predict(data, networks, plain, {}, 1).methods.at(method).blocks.rate_hz ==
                      before.methods.at(method).blocks.rate_hz;
    CHECK(same == !follows_gains(method));
  }
  const Array<std::uint8_t, 3> parts = hidden_parts(data);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts.values()[i] == 1) data.counts.values()[i] = 7;
  }
  const Predictions after = predict(data, networks, purpose, {}, 1);
  for (const auto& [method, prediction] : before.methods) {
    CAPTURE(word(method));
    std::size_t changed = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts.values()[i] == 1 &&
          prediction.blocks.rate_hz.values()[i] != after.methods.at(method).blocks.rate_hz.values()[i])
        ++changed;
    }
    CHECK(changed == 0);
  }
}

TEST_CASE("the gain of combined rates is that of the methods to the power of their weights") {
  const FitData data = drifting_fit();
  const Networks networks = two_grus(data);
  const Purpose purpose{.combine_with = {CombineWith::condition_average}, .gains = true};
  const Predictions hidden = predict(data, networks, purpose, {}, 1);
  FitRates network = network_rates(data, networks);
  follow_gains(data, network);
  const Array<double, 2> own = network.gain, other = hidden.methods.at(Method::condition_average).gain;
  const Combination combination = fit_combination(data, network, hidden, purpose.combine_with, 1);
  const FitRates combined = combine(data, network, hidden, combination);
  REQUIRE(combination.all.weights.size() == 2);
  CHECK(combined.gain(35, 0) == doctest::Approx(std::pow(own(35, 0), combination.all.weights[0]) *
                                                std::pow(other(35, 0), combination.all.weights[1])));
}

TEST_CASE("gains spread as their logs do") {
  CHECK(spread_of_gains({}) == 0.0);
  CHECK(spread_of_gains(Array<double, 2>({1, 2}, {std::exp(0.1), std::exp(-0.1)})) == doctest::Approx(0.1));
}
