#include "neural/stacking.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "check_close.hpp"
#include "core/random.hpp"
#include "small_counts.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

/// Two methods that know something of small_counts, and one that is wrong.
std::vector<Array<float, 3>> three_methods() {
  std::vector<Array<float, 3>> rates_hz(3, Array<float, 3>(small_counts.shape()));
  for (std::size_t i = 0; i < small_counts.size(); ++i) {
    const double at = static_cast<double>(i), count = small_counts.values()[i];
    rates_hz[0].values()[i] = static_cast<float>(30 + 20 * std::sin(1.3 * at) + 6 * count);
    rates_hz[1].values()[i] = static_cast<float>(25 + 15 * std::cos(0.7 * at) + count * count);
    rates_hz[2].values()[i] = static_cast<float>(40 - 7 * count + 5 * std::sin(2.1 * at));
  }
  return rates_hz;
}

}  // namespace

TEST_CASE("weights of a stack are those of scipy's constrained optimiser") {
  // scipy 1.10 minimize(method="TNC", bounds=...) on the same likelihood.
  const auto rates_hz = three_methods();
  const std::vector<std::uint32_t> all = {0, 1, 2}, two = {0, 2};
  const Stack of_all = fit_stack(rates_hz, small_counts, all, 25);
  check_close(of_all.weights, {0.503611857, 0.0882553743, 0.0}, 1e-6);
  CHECK(of_all.shift == doctest::Approx(0.170436193).epsilon(1e-6));
  check_close(of_all.mean_hz, {64.0, 64.0 / 3.0}, 1e-9);
  const Stack of_two = fit_stack(rates_hz, small_counts, two, 25);
  check_close(of_two.weights, {0.457217541, 0.104755015, 0.0}, 1e-6);
  CHECK(of_two.shift == doctest::Approx(0.14861019).epsilon(1e-6));
  check_close(of_two.mean_hz, {62.0, 18.0}, 1e-9);
  // Wherever its steps begin.
  const Stack again = fit_stack(rates_hz, small_counts, two, 25, {}, {}, of_all);
  check_close(again.weights, {0.457217541, 0.104755015, 0.0}, 1e-6);
}

TEST_CASE("weights that would sum to more than 1 sum to 1, as by scipy's optimiser") {
  // scipy 1.10 minimize(method="SLSQP" and "trust-constr") with the constraint on the sum; the methods vary
  // too little around the means.
  auto rates_hz = three_methods();
  for (std::size_t i = 0; i < small_counts.size(); ++i) {
    const double mean_hz = i / 10 % 2 == 0 ? 64.0 : 64.0 / 3.0;
    for (const auto& [method, power] : {std::pair<std::size_t, double>{0, 0.25}, {1, 0.5}}) {
      float& rate = rates_hz[method].values()[i];
      rate = static_cast<float>(mean_hz * std::pow(rate / mean_hz, power));
    }
  }
  const Stack stack = fit_stack(rates_hz, small_counts, std::vector<std::uint32_t>{0, 1, 2}, 25);
  check_close(stack.weights, {0.788523747, 0.211476253, 0.0}, 1e-6);
  CHECK(stack.shift == doctest::Approx(0.121355615).epsilon(1e-6));
}

TEST_CASE("a method that is wrong leaves the mean rate, and one that is right itself") {
  const std::vector<std::uint32_t> all = {0, 1, 2};
  const auto rates_hz = three_methods();
  const std::vector<Array<float, 3>> wrong = {rates_hz[2]};
  const Stack mean = fit_stack(wrong, small_counts, all, 25);
  CHECK(mean.weights[0] == 0.0);
  const Array<float, 3> stacked = stacked_rate_hz(mean, wrong);
  CHECK(stacked(1, 0, 3) == doctest::Approx(64));
  CHECK(stacked(2, 1, 9) == doctest::Approx(64.0 / 3.0));

  // A method of two levels, off by a power: log rates 2 log(r / mean) where log(r / mean) would be right.
  // With a weight of 1/2 the expected counts of both levels are those seen, where the likelihood is largest.
  Array<std::uint16_t, 3> counts({1, 1, 8}, {1, 1, 2, 0, 3, 5, 4, 4});
  Array<float, 3> squared({1, 1, 8});
  const double mean_hz = 2.5 * 40;
  for (std::size_t bin = 0; bin < 8; ++bin) {
    const double right_hz = (bin < 4 ? 1.0 : 4.0) * 40;
    squared(0, 0, bin) = static_cast<float>(right_hz * right_hz / mean_hz);
  }
  const std::vector<Array<float, 3>> off = {squared};
  const Stack stack = fit_stack(off, counts, std::vector<std::uint32_t>{0}, 25);
  CHECK(stack.weights[0] == doctest::Approx(0.5).epsilon(1e-5));
  CHECK(std::abs(stack.shift) < 1e-5);
  CHECK(stacked_rate_hz(stack, off)(0, 0, 7) == doctest::Approx(160));
}

TEST_CASE("methods that predict the same share a weight; silent units have the rate 0") {
  const auto rates_hz = three_methods();
  const std::vector<Array<float, 3>> twice = {rates_hz[0], rates_hz[0]}, once = {rates_hz[0]};
  const std::vector<std::uint32_t> all = {0, 1, 2};
  const Stack doubled = fit_stack(twice, small_counts, all, 25);
  const Stack single = fit_stack(once, small_counts, all, 25);
  CHECK(doubled.weights[0] + doubled.weights[1] == doctest::Approx(single.weights[0]).epsilon(1e-4));

  Array<std::uint16_t, 3> silent = small_counts;
  for (std::size_t trial = 0; trial < 3; ++trial) {
    for (std::size_t bin = 0; bin < 10; ++bin) silent(trial, 1, bin) = 0;
  }
  const Stack stack = fit_stack(rates_hz, silent, all, 25);
  CHECK(stack.mean_hz[1] == 0.0);
  const Array<float, 3> stacked = stacked_rate_hz(stack, rates_hz);
  CHECK(stacked(0, 1, 0) == 0.0f);
  CHECK(std::isfinite(stacked(0, 0, 0)));
  test::expect_error(ErrorKind::bug, {"0 methods"}, [&] { fit_stack({}, silent, all, 25); });
  test::expect_error(ErrorKind::bug, {"cannot stack"}, [&] {
    fit_stack(once, Array<std::uint16_t, 3>({1, 1, 2}), all, 25);
  });
}

TEST_CASE("a stack trades likelihood for its terms as their derivatives say") {
  // Where weights are above 0 and sum to less than 1, the misfit's derivative, sum of (expected - count) *
  // log(rate / mean), and those of the terms cancel.
  const auto three = three_methods();
  const std::vector<Array<float, 3>> rates_hz = {three[0], three[1]};
  const std::vector<std::uint32_t> all = {0, 1, 2};
  const StackTerms terms = {.ambiguity = 0.01, .towards_equal = 0.05};
  const Stack stack = fit_stack(rates_hz, small_counts, all, 25, {}, terms);
  const Array<float, 3> stacked = stacked_rate_hz(stack, rates_hz);
  std::array<double, 2> derivatives{};
  double spikes = 0.0;
  for (std::size_t i = 0; i < small_counts.size(); ++i) {
    spikes += small_counts.values()[i];
    for (std::size_t method = 0; method < 2; ++method) {
      derivatives[method] += (stacked.values()[i] / 40.0 - small_counts.values()[i]) *
                             std::log(rates_hz[method].values()[i] / stack.mean_hz[i / 10 % 2]);
    }
  }
  const double equal = terms.towards_equal * spikes;
  CHECK(derivatives[0] ==
        doctest::Approx(terms.ambiguity * spikes * stack.weights[0] - equal * (stack.weights[0] - 0.5)));
  CHECK(derivatives[1] == doctest::Approx(-equal * (stack.weights[1] - 0.5)));
  CHECK(stack.weights[0] > 0.3);
  CHECK(stack.weights[1] > 0.1);
}

TEST_CASE("weights are drawn towards equal parts where that does better on other trials") {
  // Both methods see the same rate, of 20 or 80 Hz, through noise of their own; or the first sees it and the
  // second nothing.
  constexpr std::size_t trials = 12, bins = 20;
  RandomStream random(3);
  Array<std::uint16_t, 3> counts({trials, 1, bins});
  std::vector<Array<float, 3>> alike(2, Array<float, 3>({trials, 1, bins})), unlike = alike;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double rate_hz = i % 2 == 0 ? 20 : 80;
    int count = 0;
    for (int part = 0; part < 20; ++part) count += random.uniform() < rate_hz / 40 / 20 ? 1 : 0;
    counts.values()[i] = static_cast<std::uint16_t>(count);
    for (std::size_t method = 0; method < 2; ++method) {
      const double noise = std::exp(0.8 * random.normal());
      alike[method].values()[i] = static_cast<float>(rate_hz * noise);
      unlike[method].values()[i] = static_cast<float>(method == 0 ? rate_hz : 50 * noise);
    }
  }
  const std::vector<std::vector<std::uint32_t>> groups = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {9, 10, 11}};
  std::vector<std::uint32_t> all(trials);
  std::iota(all.begin(), all.end(), 0U);
  const auto chosen = [&](const std::vector<Array<float, 3>>& rates_hz) {
    return choose_towards_equal(fit_stack(rates_hz, counts, all, 25), groups, rates_hz, counts, 25);
  };
  CHECK(chosen(alike) >= 0.03);
  CHECK(chosen(unlike) <= 0.01);
}
