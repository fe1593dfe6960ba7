#include "neural/context.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "check_close.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

namespace {

/// scores(trial, bin, component) = 100 trial + 10 bin + component
Array<float, 3> numbered_scores(std::size_t trials, std::size_t bins, std::size_t components) {
  Array<float, 3> scores({trials, bins, components});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      for (std::size_t component = 0; component < components; ++component) {
        scores(trial, bin, component) = static_cast<float>(100 * trial + 10 * bin + component);
      }
    }
  }
  return scores;
}

}  // namespace

TEST_CASE("the forecast horizon is a whole number of bins") {
  CHECK(forecast_bins(100, 25, 120) == 4);
  CHECK(forecast_bins(25, 25, 2) == 1);
  CHECK(forecast_bins(119, 1, 120) == 119);
}

TEST_CASE("a forecast horizon that is no number of bins inside the window is refused") {
  const double not_a_number = std::numeric_limits<double>::quiet_NaN();
  for (const double forecast_ms : {0.0, -25.0, 24.0, not_a_number}) {
    expect_error(ErrorKind::config, {"train.forecast_ms", "less than one bin (bin_ms = 25)"},
                 [&] { forecast_bins(forecast_ms, 25, 120); });
  }
  expect_error(ErrorKind::config, {"train.forecast_ms = 110", "such as 100 or 125"},
               [] { forecast_bins(110, 25, 120); });
  expect_error(ErrorKind::config, {"train.forecast_ms = 100", "leaves no bin", "less than 100"},
               [] { forecast_bins(100, 25, 4); });
}

TEST_CASE("trial numbers run from 0 to 1 over a taste") {
  const std::vector<std::uint32_t> one_taste(5, 3);
  check_close(scaled_trial_numbers(one_taste), {0, 0.25, 0.5, 0.75, 1}, 0.0);
}

TEST_CASE("trial numbers of ragged tastes share the scale of the longest") {
  const std::vector<std::uint32_t> tastes = {0, 0, 0, 1, 1, 2, 0, 0};
  check_close(scaled_trial_numbers(tastes), {0, 0.25, 0.5, 0, 0.25, 0, 0.75, 1}, 0.0);
}

TEST_CASE("the only trial, or the only ones of their tastes, have number 0") {
  const std::vector<std::uint32_t> one = {0}, three = {0, 1, 2};
  check_close(scaled_trial_numbers(one), {0}, 0.0);
  check_close(scaled_trial_numbers(three), {0, 0, 0}, 0.0);
}

TEST_CASE("inputs hold components and context, targets the components one horizon later") {
  const std::vector<double> trial_numbers = {0.0, 0.5, 1.0};
  const ForecastData fit =
      make_forecast_data(numbered_scores(3, 7, 2), context_inputs(trial_numbers, 7, 3, {}), 2);
  REQUIRE(fit.inputs.shape() == Array<float, 3>::Shape{5, 3, 4});
  REQUIRE(fit.targets.shape() == Array<float, 3>::Shape{5, 3, 2});
  for (std::size_t bin = 0; bin < 5; ++bin) {
    for (std::size_t trial = 0; trial < 3; ++trial) {
      const double first = 100.0 * static_cast<double>(trial) + 10.0 * static_cast<double>(bin);
      const std::span inputs(&fit.inputs(bin, trial, 0), 4), targets(&fit.targets(bin, trial, 0), 2);
      check_close(inputs, {first, first + 1, bin == 3 ? 1.0 : 0.0, trial_numbers[trial]}, 0.0);
      check_close(targets, {first + 20, first + 21}, 0.0);
    }
  }
}

TEST_CASE("the laser is one more context input, by trial and bin") {
  const std::vector<double> trial_numbers = {0.0, 1.0};
  const Array<std::uint8_t, 2> laser({2, 4}, {0, 1, 1, 0, 0, 0, 0, 1});
  const Array<float, 3> context = context_inputs(trial_numbers, 4, 1, laser);
  REQUIRE(context.shape() == Array<float, 3>::Shape{2, 3, 4});
  check_close(context.values(), {0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1},
              0.0);
  const ForecastData fit = make_forecast_data(numbered_scores(2, 4, 1), context, 1);
  check_close(std::span(&fit.inputs(2, 0, 0), 4), {20, 0, 0, 1}, 0.0);
}

TEST_CASE("a stimulus in the last bins of the window gives no pulse") {
  const std::vector<double> trial_numbers = {0.0};
  const ForecastData fit =
      make_forecast_data(numbered_scores(1, 4, 1), context_inputs(trial_numbers, 4, 3, {}), 1);
  for (std::size_t bin = 0; bin < 3; ++bin) CHECK(fit.inputs(bin, 0, 1) == 0.0F);
}
