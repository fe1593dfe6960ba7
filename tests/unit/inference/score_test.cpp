#include "inference/score.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "inference/independent_runs.hpp"
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
  const ScoreTable table = score(data, rates, hidden, {});
  CHECK(table.fit == "region_all_taste_all");
  REQUIRE(table.methods.size() == 2);
  CHECK(table.methods[0].method == Method::baks);
  CHECK(table.methods[0].bits_per_hidden_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 50)));
  CHECK(std::isnan(table.methods[0].co_bits_per_spike));
  CHECK(table.methods[1].bits_per_hidden_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 10)));
  CHECK(table.methods[1].co_bits_per_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 20)));
  CHECK(std::isnan(table.methods[1].per_unit.at(2)));
  CHECK(published(table)->method == Method::rnn);
  CHECK(best_simple(table)->method == Method::baks);
}

TEST_CASE("scores come with errors over trials, and with the paired difference to the best simple method") {
  const FitData data = small_fit();
  const auto& shape = data.counts.shape();
  FitRates rates{.region = "all", .taste = "all"};
  rates.rate_hz = Array<float, 3>(shape, 1.0F);
  rates.folds = FoldRates{data.fit.folds, {}, {}};
  rates.readout = Readout{};
  Predictions hidden;
  hidden.methods[Method::rnn].blocks = {Array<float, 3>(shape, 60.0F), 4};
  hidden.methods[Method::gaussian].blocks = {Array<float, 3>(shape, 50.0F), 4};
  hidden.methods[Method::boxcar].blocks = {Array<float, 3>(shape, 10.0F), 4};
  const ScoreTable table = score(data, rates, hidden, {});
  const MethodScore& network = *published(table);
  const double difference =
      bits_of_constant(data, all_trials, 0, 60) - bits_of_constant(data, all_trials, 0, 50);
  CHECK(network.bits_over_best_simple == doctest::Approx(difference));
  CHECK(best_simple(table)->bits_over_best_simple == 0.0);
  CHECK(best_simple(table)->over_best_simple_standard_error == 0.0);
  // Two constants differ by log2(60 / 50) for each spike of the two units that have any, and by what they
  // expect of each of the three: trial by trial these are known.
  std::vector<double> without(8);
  double mean = 0, square = 0;
  for (std::size_t left_out = 0; left_out < 8; ++left_out) {
    double spikes = 0;
    for (std::size_t i = 0; i < data.counts.size(); ++i)
      if (i / 60 != left_out) spikes += data.counts.values()[i];
    without[left_out] = std::log2(60.0 / 50) - 7 * 60 * 10.0 / 40 / std::numbers::ln2 / spikes;
    mean += without[left_out] / 8;
  }
  for (const double value : without) square += (value - mean) * (value - mean);
  CHECK(network.over_best_simple_standard_error == doctest::Approx(std::sqrt(7.0 / 8 * square)));
  CHECK(network.standard_error > network.over_best_simple_standard_error);
  CHECK(network.per_fold.size() == 2);

  const std::vector<Metric> metrics = score_metrics(data, rates, table);
  REQUIRE(metrics.size() == 4);
  CHECK(metrics[0].name == "bits_per_hidden_spike");
  CHECK(metrics[0].value == network.bits_per_hidden_spike);
  CHECK(metrics[1].value == network.standard_error);
  CHECK(metrics[2].name == "bits_over_best_simple");
  CHECK(metrics[3].name == standard_error_of("bits_over_best_simple"));
}

TEST_CASE("errors are over stretches of neighbours where trials overlap, and over chops of a single trial") {
  FitData data = small_fit();
  CHECK(independent_runs(data)(5, 0) == 5);
  // Windows of 500 ms every 400 ms, in the order of the session: every trial overlaps with two others at
  // most.
  data.fit.trial_time_s = {0, 0.8, 1.6, 2.4, 0.4, 1.2, 2.0, 2.8};
  const Array<std::uint32_t, 2> runs = independent_runs(data);
  CHECK(std::vector<std::uint32_t>{runs(0, 0), runs(4, 0), runs(1, 0), runs(7, 19)} ==
        std::vector<std::uint32_t>{0, 0, 1, 3});
  CHECK(fold_of_entries(data)(3, 7) == 1);

  data.counts = some_counts(1, 3, 20);
  data.fit.chop = {.bins = 5, .overlap = 1};
  data.fit.folds = neural::assign_bin_folds(20, 2, data.fit.chop);
  CHECK(independent_runs(data)(0, 11) == 2);
  CHECK(fold_of_entries(data)(0, 11) == 1);
}

TEST_CASE("a combination is scored under the weights of the other folds") {
  const FitData data = small_fit();
  const auto& shape = data.counts.shape();
  FitRates rates;
  rates.rate_hz = Array<float, 3>(shape, 1.0F);
  rates.folds = FoldRates{data.fit.folds, {}, {}};
  Predictions hidden;
  hidden.methods[Method::rnn].blocks = {Array<float, 3>(shape, 10.0F), 4};
  Combination combination{.methods = {Method::rnn},
                          .all = {},
                          .folds = std::vector<neural::Stack>(2, {{1.0}, std::log(3.0), {10, 10, 10}})};
  combination.hidden_hz = combined_hidden_hz(data, hidden, combination);
  const ScoreTable table = score(data, rates, hidden, combination);
  REQUIRE(table.methods.size() == 2);
  CHECK(table.methods[0].method == Method::combined);
  CHECK(table.methods[0].bits_per_hidden_spike == doctest::Approx(bits_of_constant(data, all_trials, 0, 30)));
}

TEST_CASE("the autoencoder is scored on its held-out trials and the bins that it predicts") {
  FitData data = small_fit();
  data.fit.folds = {};
  FitRates rates{.region = "gc", .taste = "0"};
  rates.rate_hz = Array<float, 3>({8, 3, 17}, 30.0F);
  CHECK(score(data, rates, {}, {}).methods.empty());
  rates.test_trials = {1, 6};
  const ScoreTable table = score(data, rates, {}, {});
  REQUIRE(table.methods.size() == 1);
  CHECK(table.methods[0].bits_per_hidden_spike == doctest::Approx(bits_of_constant(data, {1, 6}, 3, 30)));

  const std::vector<Metric> metrics = score_metrics(data, rates, table);
  REQUIRE(metrics.size() == 3);
  CHECK(metrics[0].fit == "region_gc_taste_0");
  CHECK(metrics[0].name == "bits_per_hidden_spike");
  CHECK(metrics[0].value == doctest::Approx(bits_of_constant(data, {1, 6}, 3, 30)));
  CHECK(metrics[2].name == "bits_per_spike_train");
  CHECK(metrics[2].value == doctest::Approx(bits_of_constant(data, {0, 2, 3, 4, 5, 7}, 3, 30)));
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
  CHECK(metrics[0].name == "true_r2_published");
  CHECK(metrics[0].fit == "session");
  CHECK(metrics[0].value == neural::r2(predicted, window).pooled);
}
