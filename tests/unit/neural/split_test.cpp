#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>

#include "neural/folds.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

std::vector<std::uint32_t> ragged_tastes() {
  std::vector<std::uint32_t> tastes;
  for (const auto& [taste, trials] : {std::pair{0u, 30}, {1u, 22}, {2u, 1}, {3u, 2}, {5u, 7}}) {
    tastes.insert(tastes.end(), static_cast<std::size_t>(trials), taste);
  }
  return tastes;
}

long trials_of(std::uint32_t taste, const std::vector<std::uint32_t>& trials,
               const std::vector<std::uint32_t>& tastes) {
  return std::count_if(trials.begin(), trials.end(), [&](auto trial) { return tastes[trial] == taste; });
}

}  // namespace

TEST_CASE("each taste gives its share, rounded down but at least one trial, to training") {
  const auto tastes = ragged_tastes();
  const Split split = split_trials(tastes, 0.75, 3);
  CHECK(trials_of(0, split.train_trials, tastes) == 22);
  CHECK(trials_of(1, split.train_trials, tastes) == 16);
  CHECK(trials_of(2, split.train_trials, tastes) == 1);
  CHECK(trials_of(3, split.train_trials, tastes) == 1);
  CHECK(trials_of(5, split.train_trials, tastes) == 5);
}

TEST_CASE("both parts are in order and together hold every trial once") {
  const auto tastes = ragged_tastes();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split split = split_trials(tastes, 0.6, seed);
    CHECK(std::is_sorted(split.train_trials.begin(), split.train_trials.end()));
    CHECK(std::is_sorted(split.test_trials.begin(), split.test_trials.end()));
    std::vector<std::uint32_t> all = split.train_trials, expected(tastes.size());
    all.insert(all.end(), split.test_trials.begin(), split.test_trials.end());
    std::sort(all.begin(), all.end());
    std::iota(expected.begin(), expected.end(), 0u);
    CHECK(all == expected);
  }
}

TEST_CASE("the seed decides the split, and every trial gets its turn") {
  const std::vector<std::uint32_t> tastes(30, 0);
  CHECK(split_trials(tastes, 0.75, 1).test_trials == split_trials(tastes, 0.75, 1).test_trials);
  std::vector<int> tested(30, 0);
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const auto trial : split_trials(tastes, 0.75, seed).test_trials) ++tested[trial];
  }
  // 8 of 30 are for testing: 107 of 400 expected, 8.9 the standard deviation; all within 4 of them.
  CHECK(*std::min_element(tested.begin(), tested.end()) > 71);
  CHECK(*std::max_element(tested.begin(), tested.end()) < 142);
}

TEST_CASE("trials of tastes may be interleaved") {
  const std::vector<std::uint32_t> tastes = {4, 0, 4, 0, 4, 0, 4, 0};
  const Split split = split_trials(tastes, 0.5, 11);
  CHECK(trials_of(0, split.train_trials, tastes) == 2);
  CHECK(trials_of(4, split.train_trials, tastes) == 2);
}

TEST_CASE("one trial trains, and a fraction of 1 tests nothing") {
  const std::vector<std::uint32_t> one = {0}, some = {0, 0, 0, 1};
  CHECK(split_trials(one, 0.75, 0).train_trials == std::vector<std::uint32_t>{0});
  CHECK(split_trials(one, 0.75, 0).test_trials.empty());
  CHECK(split_trials(some, 1.0, 0).train_trials.size() == 4);
}

TEST_CASE("a fraction that is no share is refused") {
  const std::vector<std::uint32_t> tastes(4, 0);
  for (const double fraction : {0.0, -0.5, 1.01, std::numeric_limits<double>::quiet_NaN()}) {
    expect_error(ErrorKind::config, {"train.train_test_split", fmt::format("{}", fraction)},
                 [&] { split_trials(tastes, fraction, 0); });
  }
}
