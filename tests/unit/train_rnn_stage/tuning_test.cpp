#include "train_rnn/tuning.hpp"

#include <doctest/doctest.h>

#include <set>

#include "train_rnn/problem.hpp"

using namespace rnn_rates;
using namespace rnn_rates::train_rnn;

namespace {

config::TrainRnn with_trials(std::int64_t trials) {
  config::TrainRnn settings;
  settings.tune.trials = trials;
  return settings;
}

}  // namespace

TEST_CASE("a quarter of the candidates goes on from round to round, for four times the steps") {
  const auto rungs = [](std::int64_t trials) {
    std::vector<std::pair<std::size_t, std::uint32_t>> found;
    for (const Rung& rung : rungs_of(with_trials(trials))) found.emplace_back(rung.candidates, rung.part);
    return found;
  };
  using Rungs = std::vector<std::pair<std::size_t, std::uint32_t>>;
  CHECK(rungs(0).empty());
  CHECK(rungs(1).empty());
  CHECK(rungs(4) == Rungs{{4, 1}});
  CHECK(rungs(5) == Rungs{{5, 4}, {2, 1}});
  CHECK(rungs(16) == Rungs{{16, 4}, {4, 1}});
  CHECK(rungs(100) == Rungs{{100, 64}, {25, 16}, {7, 4}, {2, 1}});
}

TEST_CASE("candidates are drawn from their ranges, by their numbers alone, but for the first") {
  const config::TrainRnn given = with_trials(300);
  CHECK(description(candidate(given, 0)) == description(given));
  std::set<std::string> different;
  for (std::size_t number = 1; number < 300; ++number) {
    const config::TrainRnn drawn = candidate(given, number);
    CHECK(drawn.tune.trials == 0);
    CHECK(drawn.train.steps == given.train.steps);
    CHECK((drawn.model.hidden_size >= 16 && drawn.model.hidden_size <= 96));
    CHECK((drawn.model.rank >= 6 && drawn.model.rank <= 48));
    CHECK((drawn.model.dropout >= 0.2 && drawn.model.dropout <= 0.7));
    CHECK((drawn.mask.probability >= 0.15 && drawn.mask.probability <= 0.5));
    CHECK((drawn.mask.block_bins >= 4 && drawn.mask.block_bins <= 16));
    CHECK((drawn.train.weight_decay >= 1e-5 && drawn.train.weight_decay <= 1e-2));
    CHECK((drawn.train.learning_rate >= 3e-3 && drawn.train.learning_rate <= 3e-2));
    different.insert(description(drawn));
    CHECK(description(candidate(with_trials(5), number)) == description(drawn));
  }
  CHECK(different.size() == 299);
}

TEST_CASE("a trial's name tells network, candidate and round") {
  const std::string name = name_of("region_gc_taste_all_fold_2", {.candidate = 11, .rung = 1});
  const auto found = trial_called(name);
  REQUIRE(found);
  CHECK(found->first == "region_gc_taste_all_fold_2");
  CHECK(found->second.candidate == 11);
  CHECK(found->second.rung == 1);
  CHECK_FALSE(trial_called("region_gc_taste_all_fold_2"));
  CHECK_FALSE(trial_called("region_of_trial_2_taste_all"));
}

TEST_CASE("many trials, or chops of them, take more steps, unless the settings say how many") {
  config::Train train;
  CHECK(steps_of(train, 30, 100, {}) == 500);
  CHECK(steps_of(train, 480, 100, {}) == 1440);
  CHECK(steps_of(train, 10, 1000, {.bins = 10, .overlap = 0}) == 3000);
  train.steps = 20;
  CHECK(steps_of(train, 480, 100, {}) == 20);
}
