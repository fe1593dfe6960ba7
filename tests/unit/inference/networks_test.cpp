#include "inference/networks.hpp"

#include <doctest/doctest.h>

#include "inference/held_out_grus.hpp"
#include "support/expect_error.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-4); }

}  // namespace

TEST_CASE("a fit's counts are its units on the trials of its tastes") {
  // Two tastes with 1 and 2 trials of 2 units in 2 bins.
  const std::vector<Array<std::uint16_t, 3>> taste_counts = {
      Array<std::uint16_t, 3>({1, 2, 2}, {1, 2, 3, 4}),
      Array<std::uint16_t, 3>({2, 2, 2}, {5, 6, 7, 8, 9, 10, 11, 12})};
  ReducedFit fit{.region = "gc", .taste = "1"};
  fit.units = {1};
  fit.trial_taste = {1, 1};
  const FitData data = make_fit_data(fit, {.bin_ms = 25, .bins = 2}, taste_counts);
  CHECK(data.counts == Array<std::uint16_t, 3>({2, 1, 2}, {7, 8, 11, 12}));
  CHECK(data.fit.name() == "region_gc_taste_1");
  CHECK_FALSE(data.folds_over_trials());
}

TEST_CASE(
    "rates of masked GRUs are the mean of their logs, and out of fold those of the one that did not see") {
  const FitData data = small_fit();
  const Networks networks = make_networks(data, {constant_gru(1), constant_gru(4)}, Weights::last);
  const FitRates rates = network_rates(data, networks);
  REQUIRE(rates.rate_hz.shape() == data.counts.shape());
  REQUIRE(rates.folds);
  // Fold 0 holds out the even trials.
  for (std::size_t trial = 0; trial < 8; ++trial) {
    CHECK(rates.pred_firing(trial, 1, 7) == about(2));
    CHECK(rates.rate_hz(trial, 1, 7) == about(2 * 40));
    CHECK(rates.folds->rate_out_of_fold_hz(trial, 0, 19) == about(trial % 2 == 0 ? 40 : 160));
    // sqrt(1/2 * 2 * log(2)^2) by the jackknife.
    CHECK(rates.folds->rate_standard_error_hz(trial, 2, 0) == about(80 * std::log(2.0)));
  }
  CHECK(rates.latents.extent(0) == 8);
  CHECK(rates.latents.extent(2) == 20);
  REQUIRE(rates.readout);
  CHECK(rates.readout->offset.at(0) == about(std::log(2.0)));
  CHECK_FALSE(rates.mixture);
  CHECK(rates.time_ms.front() == -87.5);
  CHECK(rates.pred_x.at(2) == 50);
}

TEST_CASE("while counts are hidden, each trial is predicted by the network that did not see it") {
  const FitData data = small_fit();
  const Networks networks = make_networks(data, {constant_gru(1), constant_gru(4)}, Weights::last);
  const HeldOutGrus predict_hz(data, std::get<MaskedGrus>(networks));
  const Array<float, 3> rates_hz = predict_hz(neural::Hidden(data.counts.shape(), 1));
  for (std::size_t trial = 0; trial < 8; ++trial)
    CHECK(rates_hz(trial, 2, 3) == about(trial % 2 == 0 ? 40 : 160));
}

TEST_CASE("bins of a single trial in chops come from the network of their fold") {
  FitData data = small_fit();
  data.fit.trial_taste = {0};
  data.counts = some_counts(1, 3, 20);
  data.fit.chop = {.bins = 5, .overlap = 1};
  data.fit.folds = neural::assign_bin_folds(20, 2, data.fit.chop);
  const Networks networks = make_networks(data, {constant_gru(1), constant_gru(4)}, Weights::last);
  const FitRates rates = network_rates(data, networks);
  const Array<float, 3> hidden_hz =
      HeldOutGrus(data, std::get<MaskedGrus>(networks))(neural::Hidden(data.counts.shape(), 1));
  for (std::size_t bin = 0; bin < 20; ++bin) {
    CHECK(rates.rate_hz(0, 0, bin) == about(80));
    CHECK(rates.folds->rate_out_of_fold_hz(0, 0, bin) == about(bin < 10 ? 40 : 160));
    CHECK(hidden_hz(0, 0, bin) == about(bin < 10 ? 40 : 160));
  }
}

TEST_CASE("the autoencoder's components become counts, from the first bin that it can predict") {
  FitData data = small_fit();
  data.fit.folds = {};
  data.fit.test_trials = {1, 5};
  data.fit.scores = Array<float, 3>({8, 20, 2});
  data.fit.basis = Array<double, 2>({2, 3}, {1, 0, 0, 0, 0.6, 0.8});
  data.fit.explained_variance_ratio = {0.5, 0.5};
  data.fit.mean = {1, 2, 3};
  data.fit.scale = {1, 1, 10};
  FitModel model{.engine = "fused", .network = NetworkKind::autoencoder};
  model.forecast_bins = 3;
  const rnn::AutoencoderShape shape{.inputs = 4, .hidden = 4, .outputs = 2, .layers = 2};
  model.best_weights = all_zero_but(rnn::parameters(shape), {{"decoder.2.bias", {0.5F, 1.0F}}});
  const Networks networks = make_networks(data, {model}, Weights::best);
  const FitRates rates = network_rates(data, networks);
  REQUIRE(rates.rate_hz.shape() == Array<float, 3>::Shape{8, 3, 17});
  CHECK(rates.pred_firing(6, 0, 16) == doctest::Approx(1 + 0.5));
  CHECK(rates.pred_firing(0, 1, 0) == doctest::Approx(2 + 0.6));
  CHECK(rates.rate_hz(0, 2, 5) == doctest::Approx((3 + 10 * 0.8) * 40));
  CHECK(rates.latents.shape() == Array<float, 3>::Shape{8, 4, 17});
  CHECK(rates.pred_x.front() == 75);
  CHECK_FALSE(rates.folds);
  CHECK_FALSE(rates.readout);
}

TEST_CASE("a model that does not fit the data is refused") {
  const FitData data = small_fit();
  FitModel lacking = constant_gru(1);
  std::erase_if(lacking.last_weights, [](const NamedTensor& each) { return each.name == "factors.weight"; });
  test::expect_error(ErrorKind::input, {"no parameter 'factors.weight'", "train_rnn --force"},
                     [&] { make_networks(data, {lacking}, Weights::last); });
  FitData other = data;
  other.counts = some_counts(8, 2, 20);
  test::expect_error(ErrorKind::input, {"for 3 units, the fit has 2"},
                     [&] { make_networks(other, {constant_gru(1)}, Weights::last); });
}
