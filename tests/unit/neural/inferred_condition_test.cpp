#include "neural/inferred_condition.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "check_close.hpp"
#include "neural/condition_average.hpp"
#include "small_counts.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

const KernelGrid bin_by_bin{{0}, {0}};

/// Six trials of two conditions, two units, four bins of 1 s. Trials 0 and 3, 1 and 4, 2 and 5 are left out
/// together.
const std::vector<std::uint32_t> conditions = {7, 7, 7, 9, 9, 9};
Array<std::uint16_t, 3> six_trials() {
  return {{6, 2, 4}, {1, 3, 0, 2, 2, 0, 1, 5, 1, 4, 2, 2, 2, 1, 1, 3, 1, 2, 2, 4, 2, 1, 3, 3,
                      1, 1, 4, 1, 2, 2, 6, 0, 1, 1, 5, 1, 2, 3, 4, 1, 1, 1, 3, 1, 2, 1, 4, 1}};
}

Array<float, 3> predict(const Array<std::uint16_t, 3>& counts,
                        const std::vector<std::uint32_t>& trial_condition = conditions,
                        const std::vector<std::vector<std::uint32_t>>& overlapping = {}) {
  return predict_inferred_condition(counts, {}, trial_condition, 1000, overlapping, bin_by_bin);
}

std::vector<float> rates_of(const Array<float, 3>& rates_hz, std::size_t trial, std::size_t bins) {
  std::vector<float> some;
  for (std::size_t unit = 0; unit < rates_hz.extent(1); ++unit) {
    for (std::size_t bin = 0; bin < bins; ++bin) some.push_back(rates_hz(trial, unit, bin));
  }
  return some;
}

}  // namespace

TEST_CASE("averages of conditions are weighted by Bayes' rule on the spikes so far, likelihoods halved") {
  // One unit. Trials 0 and 2, of two conditions, are held against the averages of trials 1 and 3.
  const Array<std::uint16_t, 3> counts({4, 1, 3}, {1, 3, 0, 1, 4, 2, 2, 2, 2, 1, 1, 5});
  const Array<float, 3> rates_hz =
      predict_inferred_condition(counts, {}, std::vector<std::uint32_t>{0, 0, 1, 1}, 1000, {}, bin_by_bin);
  const auto first = [](double log_odds) { return 1 / (1 + std::exp(-log_odds / 2)); };
  const double second_bin = 3 * std::log(4.0) - 3, third_bin = second_bin + (5 - 2);
  CHECK(rates_hz(0, 0, 0) == doctest::Approx(1));
  CHECK(rates_hz(0, 0, 1) == doctest::Approx(1 + 3 * first(second_bin)));
  CHECK(rates_hz(0, 0, 2) == doctest::Approx(5 - 3 * first(third_bin)));
}

TEST_CASE("a condition with more trials is more probable from the start") {
  // Trial 0 is held against trials 1 and 2, and trial 4; all expect the same in the first bin.
  const Array<std::uint16_t, 3> counts({5, 1, 2}, {2, 0, 2, 0, 2, 6, 9, 9, 2, 1});
  const Array<float, 3> rates_hz =
      predict_inferred_condition(counts, {}, std::vector<std::uint32_t>{0, 0, 0, 1, 1}, 1000, {}, bin_by_bin);
  // Of the second bin, which has no spike, the averages 3 and 1 expect 3 and 1: odds of 3 : 2 times exp(-1).
  const double first = 1.5 * std::exp(-1.0) / (1 + 1.5 * std::exp(-1.0));
  CHECK(rates_hz(0, 0, 1) == doctest::Approx(1 + 2 * first));
}

TEST_CASE("of a single condition it is the average of the other trials") {
  const std::vector<std::uint32_t> one_condition = {3, 3, 3};
  const auto average_hz = predict_condition_average(small_counts, small_hidden, one_condition, 25);
  check_close(predict_inferred_condition(small_counts, small_hidden, one_condition, 25).values(),
              {average_hz.values().begin(), average_hz.values().end()}, 1e-6);
}

TEST_CASE("a trial's own condition has no part in its rates") {
  const Array<float, 3> rates_hz = predict(six_trials());
  const Array<float, 3> relabelled_hz = predict(six_trials(), {9, 7, 7, 7, 9, 9});
  for (const std::size_t trial : {0UL, 3UL})
    CHECK(rates_of(relabelled_hz, trial, 4) == rates_of(rates_hz, trial, 4));
  CHECK(rates_of(relabelled_hz, 1, 4) != rates_of(rates_hz, 1, 4));
}

TEST_CASE("later spikes have no part in a rate, nor have hidden ones") {
  const Array<float, 3> rates_hz = predict(six_trials());
  Array<std::uint16_t, 3> changed = six_trials();
  changed(0, 1, 3) = 40;
  CHECK(rates_of(predict(changed), 0, 3) == rates_of(rates_hz, 0, 3));
  CHECK(rates_of(predict(changed), 0, 4) != rates_of(rates_hz, 0, 4));
  Hidden hidden({6, 2, 4});
  hidden(0, 1, 3) = hidden(4, 0, 2) = 1;
  changed(4, 0, 2) = 9;
  CHECK(predict_inferred_condition(changed, hidden, conditions, 1000, {}, bin_by_bin) ==
        predict_inferred_condition(six_trials(), hidden, conditions, 1000, {}, bin_by_bin));
}

TEST_CASE("averages leave out trials that hold some of the same spikes") {
  const std::vector<std::vector<std::uint32_t>> overlapping = {{1, 3}, {0}, {}, {0}, {}, {}};
  Array<std::uint16_t, 3> changed = six_trials();
  changed(1, 0, 0) = 30;
  CHECK(rates_of(predict(changed, conditions, overlapping), 0, 4) ==
        rates_of(predict(six_trials(), conditions, overlapping), 0, 4));
  CHECK(rates_of(predict(changed), 0, 4) != rates_of(predict(six_trials()), 0, 4));
}
