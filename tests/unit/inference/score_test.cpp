#include "inference/score.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "inference/true_r2.hpp"
#include "neural/metrics.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

/// Bits per spike of one rate for all entries of `trials`, from the definition.
double bits_of_constant(const FitData& data, const std::vector<std::size_t>& trials, std::size_t first_bin,
                        double rate_hz) {
  double gain = 0, spikes = 0;
  for (std::size_t unit = 0; unit < 2; ++unit) {
    double sum = 0, entries = 0;
    for (const std::size_t trial : trials) {
      for (std::size_t bin = first_bin; bin < 20; ++bin) sum += data.counts(trial, unit, bin);
      entries += static_cast<double>(20 - first_bin);
    }
    const double mean = sum / entries, expected = rate_hz / 40;
    gain += sum * std::log(expected / mean) - entries * (expected - mean);
    spikes += sum;
  }
  // The third unit has no spikes, and the constant expects some.
  gain -= static_cast<double>(trials.size() * (20 - first_bin)) * rate_hz / 40;
  return gain / (spikes * std::numbers::ln2);
}

const std::vector<std::size_t> all_trials = {0, 1, 2, 3, 4, 5, 6, 7};

}  // namespace

TEST_CASE("methods are ranked by what they say of hidden blocks, the best first") {
  const FitData data = small_fit();
  const auto& shape = data.counts.shape();
  FitRates rates{.region = "all", .taste = "all"};
  rates.rate_hz = Array<float, 3>(shape, 1.0F);
  rates.folds = FoldRates{data.fit.folds, {}, {}};
  Predictions hidden;
  hidden.methods[Method::rnn] = {.blocks = {Array<float, 3>(shape, 10.0F), 4},
                                 .units = {Array<float, 3>(shape, 20.0F), 4},
                                 .rate_hz = {}};
  hidden.methods[Method::baks].blocks = {Array<float, 3>(shape, 50.0F), 4};
  const ScoreTable table = score(data, rates, hidden, {}, {.baselines = true});
  CHECK(table.fit == "region_all_taste_all");
  REQUIRE(table.methods.size() == 2);
  CHECK(table.methods[0].method == Method::baks);
  CHECK(table.methods[0].bits_per_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 50)));
  CHECK(std::isnan(table.methods[0].co_bits_per_spike));
  CHECK(table.methods[1].bits_per_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 10)));
  CHECK(table.methods[1].co_bits_per_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 20)));
  CHECK(std::isnan(table.methods[1].per_unit.at(2)));
  // Without baselines the others serve the combination alone.
  const ScoreTable own = score(data, rates, hidden, {}, {.baselines = false});
  REQUIRE(own.methods.size() == 1);
  CHECK(own.methods[0].method == Method::rnn);
}

TEST_CASE("a combination is scored under the weights of the other folds") {
  const FitData data = small_fit();
  const auto& shape = data.counts.shape();
  FitRates rates;
  rates.rate_hz = Array<float, 3>(shape, 1.0F);
  rates.folds = FoldRates{data.fit.folds, {}, {}};
  Predictions hidden;
  hidden.methods[Method::rnn].blocks = {Array<float, 3>(shape, 10.0F), 4};
  const Combination combination{.methods = {Method::rnn},
                                .all = {},
                                .folds = std::vector<neural::Stack>(2, {{1.0}, std::log(3.0), {10, 10, 10}})};
  const ScoreTable table = score(data, rates, hidden, combination, {});
  REQUIRE(table.methods.size() == 2);
  CHECK(table.methods[0].method == Method::combined);
  CHECK(table.methods[0].bits_per_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 30)));
}

TEST_CASE("the autoencoder is scored on its held-out trials and the bins that it predicts") {
  FitData data = small_fit();
  data.fit.folds = {};
  FitRates rates{.region = "gc", .taste = "0"};
  rates.rate_hz = Array<float, 3>({8, 3, 17}, 30.0F);
  CHECK(score(data, rates, {}, {}, {}).methods.empty());
  rates.test_trials = {1, 6};
  const ScoreTable table = score(data, rates, {}, {}, {});
  REQUIRE(table.methods.size() == 1);
  CHECK(table.methods[0].bits_per_spike == doctest::Approx(bits_of_constant(data, {1, 6}, 3, 30)));

  const std::vector<Metric> metrics = rate_metrics(data, rates);
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[0].fit == "region_gc_taste_0");
  CHECK(metrics[0].name == "bits_per_spike_train");
  CHECK(metrics[0].value == doctest::Approx(bits_of_constant(data, {0, 2, 3, 4, 5, 7}, 3, 30)));
  CHECK(metrics[1].name == "bits_per_spike_test");
  CHECK(metrics[1].value == doctest::Approx(bits_of_constant(data, {1, 6}, 3, 30)));
}

TEST_CASE("with folds, the rates of the network that did not see a trial are scored") {
  const FitData data = small_fit();
  FitRates rates;
  rates.rate_hz = Array<float, 3>(data.counts.shape(), 1.0F);
  rates.folds = FoldRates{data.fit.folds, Array<float, 3>(data.counts.shape(), 60.0F), {}};
  const std::vector<Metric> metrics = rate_metrics(data, rates);
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].name == "bits_per_spike_out_of_fold");
  CHECK(metrics[0].value == doctest::Approx(bits_of_constant(data, all_trials, 0, 60)));
}

TEST_CASE("squared errors add up fit by fit to the R2 of all rates in one array") {
  // Two tastes with 3 and 5 trials, two units of different regions, 20 bins of which the last 17 are
  // predicted.
  const std::vector<Array<std::uint16_t, 3>> counts = {some_counts(3, 2, 20), some_counts(5, 2, 20)};
  Array<float, 3> truth({8, 2, 20}), predicted({8, 2, 17}), window({8, 2, 17});
  RandomStream random(5);
  for (float& value : truth.values()) value = static_cast<float>(random.normal());
  for (float& value : predicted.values()) value = static_cast<float>(random.normal());
  for (std::size_t row = 0; row < 16; ++row)
    std::copy_n(truth.data() + row * 20 + 3, 17, window.data() + row * 17);
  const KnownSession session{counts, truth, 25};
  std::vector<double> sums(2, 0.0);
  for (const std::uint32_t unit : {0U, 1U}) {
    for (const std::uint32_t taste : {0U, 1U}) {
      FitRates rates;
      rates.units = {unit};
      rates.trial_taste.assign(counts[taste].extent(0), taste);
      rates.rate_hz = Array<float, 3>({rates.trial_taste.size(), 1, 17});
      for (std::size_t trial = 0; trial < rates.trial_taste.size(); ++trial)
        std::copy_n(&predicted(taste * 3 + trial, unit, 0), 17, &rates.rate_hz(trial, 0, 0));
      sums = add_squared_errors(std::move(sums), session, rates);
    }
  }
  const std::vector<Metric> metrics = true_r2(session, sums, 17);
  REQUIRE(metrics.size() == 4);
  CHECK(metrics[0].name == "true_r2_rnn");
  CHECK(metrics[0].fit == "session");
  CHECK(metrics[0].value == neural::r2(predicted, window).pooled);
}
