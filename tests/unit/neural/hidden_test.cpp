#include "neural/hidden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <stop_token>
#include <vector>

#include "check_close.hpp"
#include "neural/baks_rates.hpp"
#include "neural/condition_average.hpp"
#include "neural/gaussian_rates.hpp"
#include "neural/gpfa.hpp"
#include "neural/inferred_condition.hpp"
#include "neural/smoothing.hpp"
#include "neural/stacking.hpp"
#include "small_counts.hpp"
#include "support/expect_error.hpp"
#include "support/stopped.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;
using test::expect_error;

TEST_CASE("blocks of one part are as long as asked but at the edges, and parts are equally large") {
  const std::size_t bins = 100;
  const auto parts = block_parts({40, 10, bins}, 8, 4, 40, 3);
  std::array<double, 4> share{};
  std::array<int, 8> borders_at_phase{};
  for (std::size_t row = 0; row < parts.size(); row += bins) {
    int borders = 0;
    std::size_t phase = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      REQUIRE(parts.values()[row + bin] < 4);
      share[parts.values()[row + bin]] += 1.0 / static_cast<double>(parts.size());
      if (bin == 0 || parts.values()[row + bin] == parts.values()[row + bin - 1]) continue;
      if (borders++ > 0) CHECK(bin % 8 == phase);
      phase = bin % 8;
    }
    ++borders_at_phase[phase];
  }
  for (const double part : share) CHECK(part == doctest::Approx(0.25).epsilon(0.05));
  for (const int rows : borders_at_phase) CHECK(rows > 20);
  CHECK(parts == block_parts({40, 10, bins}, 8, 4, 40, 3));
  CHECK(parts != block_parts({40, 10, bins}, 8, 4, 40, 4));
  expect_error(ErrorKind::bug, {"blocks of 0"}, [] { block_parts({1, 1, 1}, 0, 4, 1, 1); });
}

TEST_CASE("trials a number of patterns apart have the same blocks, others not") {
  const auto parts = block_parts({7, 4, 50}, 8, 4, 3, 1);
  const auto trial = [&](std::size_t i) { return parts.values().subspan(i * 200, 200); };
  for (std::size_t i = 0; i < 7; ++i) {
    for (std::size_t j = 0; j < 7; ++j)
      CHECK(std::equal(trial(i).begin(), trial(i).end(), trial(j).begin()) == (i % 3 == j % 3));
  }
  CHECK(block_parts({2, 4, 50}, 8, 4, 3, 1).size() == 400);
}

TEST_CASE("mean rates are over the entries kept") {
  const Array<std::uint16_t, 3> counts({2, 2, 2}, {1, 2, 5, 5, 3, 4, 7, 7});
  const Hidden hidden({2, 2, 2}, {0, 0, 1, 1, 0, 1, 1, 1});
  check_close(mean_kept_rate_hz(counts, {}, 100), {25, 60}, 1e-12);
  check_close(mean_kept_rate_hz(counts, hidden, 100), {20, 0}, 1e-12);
  expect_error(ErrorKind::bug, {"(2, 2, 2)"}, [&] { mean_kept_rate_hz(small_counts, hidden, 25); });
}

TEST_CASE("a held-out prediction takes every entry from the call in which it was hidden") {
  const auto parts = block_parts({3, 2, 10}, 3, 3, 3, 1);
  const auto predict_hz = [](const Hidden& hidden) {
    Array<float, 3> seen(hidden.shape());
    for (std::size_t i = 0; i < hidden.size(); ++i) seen.values()[i] = hidden.values()[i] != 0 ? 1.0F : -1.0F;
    return seen;
  };
  HeldOutRates held_out;
  predict_held_out(parts, 3, predict_hz, held_out);
  check_close(held_out.rate_hz.values(), std::vector<double>(60, 1.0), 0.0);
}

TEST_CASE("an interrupted held-out prediction goes on with the next part") {
  const auto parts = block_parts({3, 2, 10}, 3, 3, 3, 1);
  std::stop_source stop;
  std::vector<std::size_t> hidden_entries;
  const auto predict_hz = [&](const Hidden& hidden) {
    const auto& values = hidden.values();
    hidden_entries.push_back(static_cast<std::size_t>(std::count(values.begin(), values.end(), 1)));
    if (hidden_entries.size() == 2) stop.request_stop();
    return Array<float, 3>(hidden.shape(), std::vector<float>(60, static_cast<float>(hidden_entries.size())));
  };
  HeldOutRates held_out;
  expect_error(ErrorKind::stopped, {},
               [&] { predict_held_out(parts, 3, predict_hz, held_out, stop.get_token()); });
  CHECK(held_out.parts == 2);
  hidden_entries = {0};
  predict_held_out(parts, 3, predict_hz, held_out);
  REQUIRE(hidden_entries.size() == 2);
  for (std::size_t i = 0; i < 60; ++i)
    CHECK(held_out.rate_hz.values()[i] == std::array{1.0F, 2.0F, 2.0F}[parts.values()[i]]);
}

TEST_CASE("a requested stop ends every method that takes long") {
  const std::stop_token stop = test::stopped();
  const std::vector<std::uint32_t> trials = {0, 1, 2}, one_taste(3, 0);
  const std::vector<Array<float, 3>> rates_hz = {predict_baks(small_counts, {}, 25)};
  const Gpfa model = fit_gpfa(small_counts, trials, 1);
  const GpfaFolds folds{{.fold = {0, 0, 0}}, 1, {model}, {gpfa_count_scale(model, small_counts, trials)}};
  const std::vector<std::function<void()>> methods = {
      [&] { predict_gaussian(small_counts, {}, 25, {}, stop); },
      [&] { predict_baks(small_counts, {}, 25, stop); },
      [&] { predict_condition_average(small_counts, {}, one_taste, 25, {}, {}, stop); },
      [&] { predict_inferred_condition(small_counts, {}, one_taste, 25, {}, {}, stop); },
      [&] { predict_gpfa(folds, small_counts, {}, 25, stop); },
      [&] { fit_stack(rates_hz, small_counts, trials, 25, {}, {}, {}, stop); }};
  for (const auto& method : methods) expect_error(ErrorKind::stopped, {}, method);
}

TEST_CASE("no method reads what is hidden") {
  Array<std::uint16_t, 3> changed = small_counts;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (small_hidden.values()[i] != 0) changed.values()[i] = 50;
  }
  const std::vector<std::uint32_t> one_taste(3, 0);
  CHECK(predict_gaussian(small_counts, small_hidden, 25) == predict_gaussian(changed, small_hidden, 25));
  CHECK(predict_baks(small_counts, small_hidden, 25) == predict_baks(changed, small_hidden, 25));
  CHECK(boxcar_rate_hz(small_counts, 25, 250, small_hidden) ==
        boxcar_rate_hz(changed, 25, 250, small_hidden));
  CHECK(predict_condition_average(small_counts, small_hidden, one_taste, 25) ==
        predict_condition_average(changed, small_hidden, one_taste, 25));
}
