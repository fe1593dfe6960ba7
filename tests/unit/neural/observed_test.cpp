#include "neural/observed.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "neural/metrics.hpp"
#include "neural/pca.hpp"
#include "neural/scaler.hpp"
#include "neural/stacking.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

using Counts = Array<std::uint16_t, 3>;

}  // namespace

TEST_CASE("a bin counts as observed where all of it was") {
  // Bins of 100 ms from 100 ms before the stimulus on.
  const BinGrid grid{.start_ms = 400, .bin_ms = 100, .bins = 4, .stim_ms = 500};
  const std::vector<Intervals> units = {{{0, 100}}, {{0, 10.15}}, {{10.1, 10.3}}, {}};
  const std::vector<double> stimulus_s = {10, 0.05};
  const Observed observed = observed_bins(units, stimulus_s, grid);
  const auto row = [&](std::size_t trial, std::size_t unit) {
    return std::vector<int>(&observed(trial, unit, 0), &observed(trial, unit, 0) + 4);
  };
  CHECK(row(0, 0) == std::vector<int>{1, 1, 1, 1});
  CHECK(row(0, 1) == std::vector<int>{1, 1, 0, 0});
  CHECK(row(0, 2) == std::vector<int>{0, 0, 1, 1});
  CHECK(row(0, 3) == std::vector<int>{0, 0, 0, 0});
  CHECK(row(1, 0) == std::vector<int>{0, 1, 1, 1});
}

TEST_CASE("the scaler takes no silence from what was not observed") {
  const Counts counts({2, 2, 2}, {1, 3, 5, 5, 9, 9, 0, 0});
  const Observed observed({2, 2, 2}, {1, 1, 0, 0, 0, 1, 0, 0});
  const std::vector<std::uint32_t> trials = {0, 1};
  const Scaler scaler = fit_scaler(counts, trials, observed);
  CHECK(scaler.mean[0] == doctest::Approx(13.0 / 3));
  CHECK(scaler.scale[0] == doctest::Approx(std::sqrt((100.0 / 9 + 16.0 / 9 + 196.0 / 9) / 3)));
  CHECK(scaler.mean[1] == 0);
  CHECK(scaler.scale[1] == 1);
  const auto scaled = scale_counts(counts, scaler, observed);
  CHECK(scaled(1, 0, 0) == 0);
  CHECK(scaled(0, 1, 1) == 0);
  CHECK(scaled(0, 0, 1) == doctest::Approx((3 - scaler.mean[0]) / scaler.scale[0]));
}

TEST_CASE("scores come from the units that were observed") {
  // Two components of three units; the sample is a sum of both.
  const double root = std::sqrt(0.5);
  const Pca pca{Array<double, 2>({2, 3}, {root, root, 0, 0, 0, 1}), {0.6, 0.4}};
  const Array<double, 3> scaled({1, 3, 2}, {root * 2, 7, root * 2, 7, -1, 7});
  const Observed observed({1, 3, 2}, {1, 0, 0, 0, 1, 0});
  const auto scores = project(scaled, pca, observed);
  CHECK(scores(0, 0, 0) == doctest::Approx(2));
  CHECK(scores(0, 0, 1) == doctest::Approx(-1));
  CHECK(std::isnan(scores(0, 1, 0)));
}

TEST_CASE("scores and means leave out what was not observed") {
  const float nan = std::nanf("");
  const Array<float, 3> predicted_hz({2, 1, 2}, {10, 10, 20, 1000}), seen_hz({2, 1, 2}, {0, 40, 40, nan});
  const Array<float, 3> first({1, 1, 3}, {10, 10, 20}), second({1, 1, 3}, {0, 40, 40});
  CHECK(bits_per_spike(predicted_hz, seen_hz) == doctest::Approx(bits_per_spike(first, second)));
  const auto means = mean_per_taste(seen_hz, std::vector<std::uint32_t>{0, 0}, 2);
  CHECK(means(0, 0, 0) == 20);
  CHECK(means(0, 0, 1) == 40);
  CHECK(std::isnan(means(1, 0, 0)));
}

TEST_CASE("weights of methods come from what was observed") {
  const Counts counts({1, 1, 4}, {1, 3, 1, 3}), changed({1, 1, 4}, {1, 3, 77, 0});
  const Observed observed({1, 1, 4}, {1, 1, 0, 0});
  const std::vector<Array<float, 3>> rates_hz = {Array<float, 3>({1, 1, 4}, {10, 30, 10, 30})};
  const std::vector<std::uint32_t> trials = {0};
  const Stack stack = fit_stack(rates_hz, counts, trials, 100, observed);
  CHECK(stack.mean_hz == std::vector<double>{20});
  CHECK(stack.weights[0] == doctest::Approx(1).epsilon(1e-3));
  CHECK(fit_stack(rates_hz, changed, trials, 100, observed).weights == stack.weights);
}

TEST_CASE("what was not observed is hidden from methods, and open in their rates") {
  const Observed observed({1, 1, 3}, {1, 0, 1});
  const Hidden hidden({1, 1, 3}, {0, 0, 1});
  CHECK(hidden_or_unobserved(hidden, observed) == Hidden({1, 1, 3}, {0, 1, 1}));
  CHECK(hidden_or_unobserved({}, observed) == Hidden({1, 1, 3}, {0, 1, 0}));
  CHECK(hidden_or_unobserved(hidden, {}) == hidden);
  // Rates without the first bin, as after a forecast.
  Array<float, 3> rates_hz({1, 1, 2}, {5, 6});
  leave_unobserved_open(rates_hz, observed);
  CHECK(std::isnan(rates_hz(0, 0, 0)));
  CHECK(rates_hz(0, 0, 1) == 6);
}
