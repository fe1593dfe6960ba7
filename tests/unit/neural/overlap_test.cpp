#include "neural/overlap.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "neural/condition_average.hpp"
#include "neural/fits.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

using Trials = std::vector<std::uint32_t>;

/// Trials every `every_s`.
std::vector<double> regular(std::size_t trials, double every_s) {
  std::vector<double> times_s;
  for (std::size_t trial = 0; trial < trials; ++trial)
    times_s.push_back(10 + every_s * static_cast<double>(trial));
  return times_s;
}

/// No network is tested on spikes that it, or a scaler of its trials, has seen.
void check_apart(const Split& split, std::span<const double> times_s, double window_ms) {
  for (const auto test : split.test_trials) {
    for (const auto train : split.train_trials)
      CHECK(std::abs(times_s[test] - times_s[train]) * 1000 > window_ms - 1);
  }
}

}  // namespace

TEST_CASE("trials overlap where their windows share some time") {
  // In no order of time, as trials stand by taste.
  const std::vector<double> times_s = {7, 1, 2.5, 1.9, 20};
  const auto overlapping = overlapping_trials(times_s, 1000);
  REQUIRE(overlapping.size() == 5);
  CHECK(overlapping[0].empty());
  CHECK(overlapping[1] == Trials{3});
  CHECK(overlapping[2] == Trials{3});
  CHECK(overlapping[3] == Trials{1, 2});
  CHECK(overlapping[4].empty());
}

TEST_CASE("windows that only touch do not overlap, and unknown times say nothing") {
  CHECK(overlapping_trials(regular(5, 1.5), 1500).empty());
  CHECK(overlapping_trials(regular(5, 0.1), 100).empty());
  CHECK(overlapping_trials({}, 1500).empty());
}

TEST_CASE("without overlaps folds and splits are the usual ones") {
  const auto times_s = regular(12, 2);
  CHECK(assign_folds_apart(times_s, 1500, 12, 4) == assign_folds(12, 4));
  CHECK(assign_folds_apart({}, 1500, 12, 4) == assign_folds(12, 4));
  const Trials tastes = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  CHECK(split_trials_apart(tastes, times_s, 1500, 0.75, 5).test_trials ==
        split_trials(tastes, 0.75, 5).test_trials);
}

TEST_CASE("short chains of trials stay in one fold and are dealt over the session") {
  std::vector<double> times_s;
  for (int pair = 0; pair < 8; ++pair) times_s.insert(times_s.end(), {10.0 * pair, 10.0 * pair + 1});
  const Folds folds = assign_folds_apart(times_s, 1500, 16, 4);
  CHECK(folds.fold == Trials{0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3});
  for (std::size_t fold = 0; fold < 4; ++fold) {
    const Split split = split_of_fold(folds, fold);
    CHECK(split.train_trials.size() == 12);
    check_apart(split, times_s, 1500);
  }
}

TEST_CASE("a long chain is cut into runs, and trials at the cuts do not train") {
  for (const double every_s : {0.3, 0.75}) {
    CAPTURE(every_s);
    const auto times_s = regular(96, every_s);
    const Folds folds = assign_folds_apart(times_s, 1500, 96, 4);
    for (std::size_t fold = 0; fold < 4; ++fold) {
      const Split split = split_of_fold(folds, fold);
      CHECK(split.test_trials.size() == 24);
      CHECK(split.train_trials.size() >= 64);
      check_apart(split, times_s, 1500);
    }
  }
}

TEST_CASE("a split by share holds out a run too") {
  const auto times_s = regular(40, 0.5);
  const Trials tastes(40, 0);
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const Split split = split_trials_apart(tastes, times_s, 1500, 0.75, seed);
    CHECK(split.test_trials.size() == 10);
    check_apart(split, times_s, 1500);
  }
  CHECK(split_trials_apart(tastes, times_s, 1500, 1.0, 1).train_trials.size() == 40);
}

TEST_CASE("where nearly every trial overlaps with every other there is nothing to hold out") {
  test::expect_error(ErrorKind::input, {"of its 12 trials overlap so much"},
                     [] { assign_folds_apart(regular(12, 0.1), 1500, 12, 4); });
}

TEST_CASE("the condition average leaves out trials that hold some of the same spikes") {
  Array<std::uint16_t, 3> counts({4, 1, 1}, {1, 2, 4, 8});
  const Trials one_taste(4, 0);
  const auto overlapping = overlapping_trials(std::vector<double>{0, 1, 10, 11}, 1500);
  const auto rates_hz = predict_condition_average(counts, {}, one_taste, 1000, overlapping, {{0}, {0}});
  // The mean of the two trials of the other pair.
  CHECK(rates_hz(0, 0, 0) == doctest::Approx(6));
  CHECK(rates_hz(1, 0, 0) == doctest::Approx(6));
  CHECK(rates_hz(2, 0, 0) == doctest::Approx(1.5));
}

TEST_CASE("a fit takes its part of what is known of each trial") {
  const std::vector<Array<std::uint16_t, 3>> counts = {Array<std::uint16_t, 3>({2, 1, 1}),
                                                       Array<std::uint16_t, 3>({1, 1, 1}),
                                                       Array<std::uint16_t, 3>({2, 1, 1})};
  const std::vector<double> times_s = {1, 2, 3, 4, 5};
  CHECK(of_trials_of_fit(times_s, counts, {"all", "all", {0}, {0, 2}}) == std::vector<double>{1, 2, 4, 5});
  CHECK(of_trials_of_fit(std::vector<double>(), counts, {"all", "all", {0}, {0, 2}}).empty());
}
