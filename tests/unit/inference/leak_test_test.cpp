#include "inference/leak_test.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/random.hpp"
#include "inference/condition_decoder.hpp"
#include "inference/residual_correlation.hpp"
#include "support/leaks.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

constexpr std::size_t trials_per_taste = 12, tastes = 3, units = 6, bins = 40;
constexpr double bin_ms = 25;

/// A session of flat units in two regions, 500 ms before the stimulus and 500 ms after it. Rates follow their
/// trial's counts, so they tell what those do.
struct Session {
  std::vector<Array<std::uint16_t, 3>> counts;
  FitRates rates;
  std::vector<std::string> unit_region = {"bla", "bla", "bla", "gc", "gc", "gc"};
  RandomStream random;

  explicit Session(std::uint64_t seed, std::size_t per_taste = trials_per_taste) : random(seed) {
    for (std::uint32_t taste = 0; taste < tastes; ++taste) {
      Array<std::uint16_t, 3>& of_taste =
          counts.emplace_back(Array<std::uint16_t, 3>({per_taste, units, bins}));
      for (std::uint16_t& count : of_taste.values()) count = static_cast<std::uint16_t>(random.below(3));
      rates.trial_taste.insert(rates.trial_taste.end(), per_taste, taste);
    }
    for (std::uint32_t unit = 0; unit < units; ++unit) rates.units.push_back(unit);
    for (std::size_t bin = 0; bin < bins; ++bin)
      rates.time_ms.push_back(-487.5 + bin_ms * static_cast<double>(bin));
    rates.rate_hz = Array<float, 3>({per_taste * tastes, units, bins});
    change([&](std::size_t, std::size_t) { return random.normal(); });
  }

  /// Adds `by` (trial, unit) to the rates of all of a trial.
  template <class By>
  void change(By&& by) {
    for (std::size_t trial = 0; trial < rates.rate_hz.extent(0); ++trial) {
      for (std::size_t unit = 0; unit < units; ++unit) {
        const auto added = static_cast<float>(by(trial, unit));
        for (std::size_t bin = 0; bin < bins; ++bin) rates.rate_hz(trial, unit, bin) += added;
      }
    }
  }

  std::optional<LeakTest> test(bool joint_regions = false, std::size_t permutations = 199) const {
    TrialMeans means(counts, {}, bin_ms);
    means.add(rates);
    return leak_test(means, unit_region, joint_regions, permutations);
  }
};

/// Features by a formula, raised for one condition each.
Array<float, 2> some_features(std::size_t columns) {
  Array<float, 2> features({30, columns});
  for (std::size_t i = 0; i < 30; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const double at = static_cast<double>(i), of = static_cast<double>(j);
      const double value = 3 + std::sin(1.7 * at + 2.3 * of) + 0.5 * std::cos(0.9 * at * (of + 1));
      features(i, j) = static_cast<float>(static_cast<float>(value) + (i / 10 == j ? 0.6 : 0.0));
    }
  }
  return features;
}

/// The condition (trial) that `of` (trial) says.
template <class Of>
std::vector<std::uint32_t> labels(Of&& of) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t trial = 0; trial < 30; ++trial) all.push_back(of(trial));
  return all;
}

}  // namespace

TEST_CASE(
    "the condition is told as by scikit-learn's RidgeClassifier, with fewer and with more features than "
    "trials") {
  // StandardScaler and RidgeClassifier(alpha=0.1 * 24) of scikit-learn 1.5.2, folds of every fifth trial.
  const std::vector<std::vector<std::uint32_t>> labelings = {
      labels([](std::uint32_t trial) { return trial / 10; }),
      labels([](std::uint32_t trial) { return trial * 7 / 3 % 3; }),
      labels([](std::uint32_t trial) { return trial % 3; })};
  const std::vector<std::vector<std::uint32_t>> two = {
      labels([](std::uint32_t trial) { return trial / 10 == 1 ? 1U : 0U; })};
  const std::vector<double> by_few = told_right(some_features(4), labelings, 3),
                            by_many = told_right(some_features(40), labelings, 3);
  CHECK(by_few[0] == doctest::Approx(11.0 / 30));
  CHECK(by_few[1] == doctest::Approx(4.0 / 30));
  CHECK(by_few[2] == 0.0);
  CHECK(by_many[0] == doctest::Approx(25.0 / 30));
  CHECK(by_many[1] == 0.0);
  CHECK(told_right(some_features(4), two, 2)[0] == doctest::Approx(21.0 / 30));
  CHECK(told_right(some_features(40), two, 2)[0] == doctest::Approx(23.0 / 30));
}

TEST_CASE(
    "the held-out canonical correlation finds what two regions share, and nothing where they share nothing") {
  RandomStream random(1);
  Array<float, 2> first({60, 3}), second({60, 8});
  for (float& value : first.values()) value = static_cast<float>(random.normal());
  for (float& value : second.values()) value = static_cast<float>(random.normal());
  const std::vector<std::uint32_t> condition(60, 0);
  const auto correlation = [&] {
    return held_out_canonical_correlation(residual_components(first, condition),
                                          residual_components(second, condition));
  };
  CHECK(std::abs(correlation()) < 0.4);
  for (std::size_t trial = 0; trial < 60; ++trial) {
    for (std::size_t unit = 0; unit < 8; ++unit) second(trial, unit) += 4 * first(trial, 1);
  }
  CHECK(correlation() > 0.9);
  CHECK(std::isnan(
      held_out_canonical_correlation(Array<float, 2>({60, 2}), residual_components(second, condition))));
}

TEST_CASE("the average of its condition is taken from each trial") {
  Array<float, 2> features({6, 1}, {1, 2, 3, 11, 12, 13});
  const std::vector<std::uint32_t> condition = {0, 0, 0, 1, 1, 1};
  const Array<float, 2> left = residual_components(features, condition);
  REQUIRE(left.shape() == Array<float, 2>::Shape{6, 1});
  for (std::size_t trial = 0; trial < 3; ++trial)
    CHECK(left(trial, 0) == doctest::Approx(left(trial + 3, 0)));
  CHECK(std::abs(left(0, 0)) == doctest::Approx(std::sqrt(1.5)));
}

TEST_CASE("rates in which the condition is, all of the time, are caught") {
  Session session(1);
  session.change([&](std::size_t trial, std::size_t unit) {
    return session.rates.trial_taste[trial] == unit ? 3.0 : 0.0;
  });
  const std::optional<LeakTest> test = session.test();
  REQUIRE(test);
  CHECK(test->trials == 36);
  CHECK(test->conditions == 3);
  CHECK(test->chance == doctest::Approx(1.0 / 3));
  CHECK(test->before_ms == std::array{-500.0, -250.0});
  CHECK(test->after_ms == std::array{0.0, 500.0});
  REQUIRE(test->conditions_told.size() == 2);
  CHECK(test->conditions_told[1].teller == Teller::rate_hz);
  CHECK(test->conditions_told[1].accuracy_before > 0.8);
  CHECK(test->conditions_told[1].p_value == doctest::Approx(1.0 / 200));
  CHECK(test::tells_condition(*test));
  REQUIRE(warnings_of(*test).size() == 1);
  CHECK(warnings_of(*test)[0].starts_with("rate_hz tells the condition of "));
}

TEST_CASE("rates that tell what spikes tell are not warned of, whatever that is") {
  Session session(2);
  session.change([&](std::size_t trial, std::size_t unit) {
    return session.rates.trial_taste[trial] == unit ? 3.0 : 0.0;
  });
  for (std::size_t taste = 0; taste < tastes; ++taste) {
    for (std::size_t trial = 0; trial < trials_per_taste; ++trial) {
      for (std::size_t bin = 0; bin < bins; ++bin) session.counts[taste](trial, taste, bin) += 3;
    }
  }
  const std::optional<LeakTest> test = session.test();
  REQUIRE(test);
  CHECK(test->conditions_told[0].accuracy_before > 0.9);
  CHECK(test->conditions_told[1].accuracy_before > 0.8);
  CHECK_FALSE(test::tells_condition(*test));
}

TEST_CASE("among sessions without a leak, chance reaches a p-value as often as it says") {
  constexpr std::size_t sessions = 300;
  std::size_t warned = 0, unlikely = 0, correlated = 0;
  for (std::uint64_t seed = 0; seed < sessions; ++seed) {
    const std::optional<LeakTest> test = Session(100 + seed).test(true, 99);
    REQUIRE(test);
    warned += test::tells_condition(*test) || test::couples_regions(*test) ? 1U : 0U;
    unlikely += test->conditions_told[1].p_value <= 0.2 ? 1U : 0U;
    correlated += test->correlations[1].p_value <= 0.2 ? 1U : 0U;
  }
  // Binomial: 1% for each of the two tests, and 20%, four standard deviations wide.
  CHECK(static_cast<double>(warned) < 300 * 0.02 + 4 * std::sqrt(300 * 0.02));
  CHECK(std::abs(static_cast<double>(correlated) / sessions - 0.2) < 4 * std::sqrt(0.16 / sessions));
  // Shares of trials are often equal, for which the p-value is on the safe side.
  CHECK(static_cast<double>(unlikely) / sessions < 0.2 + 4 * std::sqrt(0.16 / sessions));
  CHECK(static_cast<double>(unlikely) / sessions > 0.1);
}

TEST_CASE("regions that share their rates and no spikes are caught where one network read both") {
  Session session(3);
  std::vector<double> shared;
  for (std::size_t trial = 0; trial < session.rates.rate_hz.extent(0); ++trial)
    shared.push_back(3 * session.random.normal());
  session.change([&](std::size_t trial, std::size_t) { return shared[trial]; });
  const std::optional<LeakTest> joint = session.test(true);
  REQUIRE(joint);
  REQUIRE(joint->correlations.size() == 2);
  CHECK(joint->correlations[1].first == "bla");
  CHECK(joint->correlations[1].second == "gc");
  CHECK(joint->correlations[1].correlation > 0.7);
  CHECK(test::couples_regions(*joint));
  CHECK_FALSE(test::tells_condition(*joint));
  CHECK(warnings_of(*joint).size() == 1);
  // What one network per region tells cannot come from the other region.
  CHECK_FALSE(test::couples_regions(*session.test(false)));
  CHECK(warnings_of(*session.test(false)).empty());
}

TEST_CASE("no order does better than the right one of regions that share everything: 1 of 200") {
  Session session(3);
  session.change([&, shared = 0.0](std::size_t, std::size_t unit) mutable {
    return shared = unit == 0 ? 9 * session.random.normal() : shared;
  });
  const std::optional<LeakTest> joint = session.test(true);
  REQUIRE(joint);
  CHECK(joint->correlations[1].p_value == doctest::Approx(1.0 / 200));
}

TEST_CASE("regions do not correlate by what the networks of their folds are off by") {
  Session session(8);
  neural::Folds folds;
  for (std::size_t trial = 0; trial < session.rates.rate_hz.extent(0); ++trial)
    folds.fold.push_back(static_cast<std::uint32_t>(trial % 4));
  session.rates.folds = FoldRates{folds, session.rates.rate_hz, {}};
  const auto out_of_fold = [&] {
    const std::optional<LeakTest> test = session.test(true, 9);
    REQUIRE(test);
    REQUIRE(test->correlations[2].teller == Teller::rate_out_of_fold_hz);
    return test->correlations[2].correlation;
  };
  const double without = out_of_fold();
  Array<float, 3>& rate_hz = session.rates.folds->rate_out_of_fold_hz;
  for (std::size_t i = 0; i < rate_hz.size(); ++i)
    rate_hz.values()[i] += 20.0F * static_cast<float>(folds.fold[i / (units * bins)]);
  CHECK(out_of_fold() == doctest::Approx(without).epsilon(0.01));
}

TEST_CASE("without three trials of two conditions nothing is tested") {
  CHECK_FALSE(Session(4, 2).test());
  Session one(5);
  one.counts.resize(1);
  one.rates.trial_taste.resize(trials_per_taste);
  CHECK_FALSE(one.test());
  CHECK(Session(6, 3).test());
}

TEST_CASE(
    "what is before the stimulus begins half a second before it, or with the window, and ends half-way") {
  const auto parts = [](double first_centre_ms, double width_ms, std::size_t count) {
    std::vector<double> time_ms;
    for (std::size_t bin = 0; bin < count; ++bin)
      time_ms.push_back(first_centre_ms + width_ms * static_cast<double>(bin));
    return parts_of_trial(time_ms, width_ms);
  };
  CHECK(parts(-1987.5, 25, 200).before.limits_ms == std::array{-500.0, -250.0});
  CHECK(parts(-1987.5, 25, 200).after.limits_ms == std::array{0.0, 1000.0});
  CHECK(parts(-1987.5, 25, 200).whole.end == 200);
  CHECK(parts(-187.5, 25, 20).before.limits_ms == std::array{-200.0, -100.0});
  CHECK(parts(-50, 100, 10).before.limits_ms == std::array{-100.0, 0.0});
  CHECK(parts(12.5, 25, 20).before.empty());
  CHECK(parts(-450, 100, 10).before.limits_ms == std::array{-500.0, -300.0});
}

TEST_CASE("bins that were not observed do not count, and trials and units that no fit holds are left out") {
  Session session(7);
  std::vector<neural::Observed> observed(tastes, neural::Observed({trials_per_taste, units, bins}, 1));
  for (std::size_t bin = 0; bin < 10; ++bin) observed[1](2, 3, bin) = 0;
  for (std::size_t bin = 11; bin < bins; ++bin) observed[1](2, 3, bin) = 0;
  session.counts[1](2, 3, 10) = 9;
  session.rates.units = {3};
  session.rates.trial_taste.assign(trials_per_taste, 1);
  TrialMeans means(session.counts, observed, bin_ms);
  means.add(session.rates);
  const PartMeans& counts = means.means().at(Teller::counts);
  CHECK(counts.whole(trials_per_taste + 2, 3) == doctest::Approx(9 * 40.0));
  CHECK(std::isnan(counts.before(trials_per_taste + 2, 3)));
  CHECK(std::isnan(counts.whole(0, 3)));
  CHECK(std::isnan(counts.whole(trials_per_taste, 2)));
  CHECK(means.means().at(Teller::rate_hz).after(trials_per_taste, 3) ==
        doctest::Approx(session.rates.rate_hz(0, 0, 30)));
}
