#include "plot/figures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "example_rates.hpp"
#include "files.hpp"
#include "plot/region_figures.hpp"
#include "plot/trial_statistics.hpp"
#include "support/expect_error.hpp"
#include "svg.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;
using test::labels;
using test::svg_of;

namespace {

/// Number of separate lines of a colour, faint or not.
std::size_t curves(const std::string& svg, Colour colour, bool faint) {
  const std::string start = fmt::format("<path stroke='rgb({:3}, {:3}, {:3})' ", colour >> 16U,
                                        colour >> 8U & 0xFFU, colour & 0xFFU);
  std::size_t count = 0;
  for (auto at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    const std::string path = svg.substr(at, svg.find("/>", at) - at);
    // Short ones are spikes and lines of the legend.
    if (test::holds(path, "opacity=") == faint && test::occurrences(path, "L") > 20) {
      count += test::occurrences(path, "M");
    }
  }
  return count;
}

/// Upright strokes of a colour, as spikes are drawn; gnuplot joins those that touch.
std::size_t marks(const std::string& svg, Colour colour) {
  const std::string start = fmt::format("<path stroke='rgb({:3}, {:3}, {:3})' ", colour >> 16U,
                                        colour >> 8U & 0xFFU, colour & 0xFFU);
  std::size_t count = 0;
  for (auto at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    std::istringstream path(svg.substr(at + start.size(), svg.find("/>", at) - at - start.size()));
    std::string before_x;
    for (std::string point; path >> point;) {
      point.erase(0, point.find_first_of("ML"));
      if (point.empty()) continue;
      const std::string x = point.substr(1, point.find(',') - 1);
      if (point[0] == 'L' && x == before_x) ++count;
      before_x = x;
    }
  }
  return count;
}

FitLosses example_losses(std::size_t steps) {
  FitLosses losses;
  losses.session = "AM35";
  losses.fit = "region gc, taste 0";
  for (std::size_t step = 1; step <= steps; ++step) {
    losses.train.push_back(0.5F + std::exp(-static_cast<float>(step) / 300.0F));
    if (step % 100 != 0) continue;
    losses.validation_steps.push_back(static_cast<std::uint32_t>(step));
    losses.validation.push_back(losses.train.back() + 0.1F);
  }
  losses.best_step = 700;
  return losses;
}

}  // namespace

TEST_CASE("block means stand at the mean of their steps") {
  const std::vector<float> losses{1, 2, 3, 4, 5, 6, 7};
  CHECK(block_means(losses, 3) == std::vector<float>{2, 2, 5, 5, 7, 7});
  CHECK(block_means(losses, 7) == std::vector<float>{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7});
  CHECK(block_means({}, 10).empty());
  CHECK(block_means(std::vector<float>(15000), 2000).size() <= 4000);
}

TEST_CASE("the losses' figure names the fits and their best steps") {
  for (const bool logarithmic : {false, true}) {
    std::vector<FitLosses> losses{example_losses(1000), example_losses(1000)};
    losses[1].fit = "region gc, taste 1";
    const std::string svg = svg_of(losses_picture(losses, {}, logarithmic));
    for (const char* label :
         {"region gc, taste 0", "region gc, taste 1", "training", "validation", "best step, ringed",
          "training step", "AM35; training losses as means of blocks of steps"}) {
      CHECK_MESSAGE(labels(svg, label) == 1, label);
    }
    CHECK(labels(svg, "best: step 700, 0.697") == 2);
  }
}

TEST_CASE("several networks of one fit share a panel") {
  std::vector<FitLosses> losses{example_losses(500), example_losses(700), example_losses(900)};
  losses[0].best_step = 400;
  for (FitLosses& network : losses) network.unit = "nats per bin";
  const std::string svg = svg_of(losses_picture(losses, {}, true));
  CHECK(labels(svg, "region gc, taste 0, 3 networks") == 1);
  CHECK(labels(svg, "best: steps 400, 700, 700") == 1);
  CHECK(labels(svg, "loss (nats per bin)") == 1);
  CHECK(labels(svg, "validation, a line for each network") == 1);
}

TEST_CASE("losses that are few, not positive, not finite or missing are drawn") {
  std::vector<FitLosses> losses{example_losses(250)};
  std::fill_n(losses[0].train.begin() + 6, 3, -1.0F);  // one block
  losses[0].train[4] = std::numeric_limits<float>::quiet_NaN();
  CHECK(labels(svg_of(losses_picture(losses, {}, true)),
               "\xE2\x88\x92"
               "1") == 1);
  svg_of(losses_picture(std::vector{example_losses(1)}, {}, true));
  svg_of(losses_picture(std::vector{FitLosses{}}, {}, true));
  losses[0].validation.pop_back();
  test::expect_error(ErrorKind::bug, {"1 validation losses at 2 steps"},
                     [&] { losses_picture(losses, {}, true); });
}

TEST_CASE("a unit's figure has each trial and a mean of both rates in the taste's colour") {
  const std::vector<std::size_t> trials{6, 3};
  const std::string svg = svg_of(unit_rates_picture(test::example_rates(2, trials), {}, 1));
  for (const char* label :
       {"unit 1, region gc", "AM35_4Tastes, region gc", "taste 0, n = 6", "taste 1, n = 3", "inferred (Hz)",
        "250 ms boxcar (Hz)", "time from stimulus (ms)", "stimulus", "mean"}) {
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  }
  CHECK(labels(svg, "trial") == 2);  // axis and legend
  for (std::size_t taste = 0; taste < trials.size(); ++taste) {
    CHECK(curves(svg, taste_colour(taste), true) == 2 * trials[taste]);
    CHECK(curves(svg, taste_colour(taste), false) >= 2);
  }
}

TEST_CASE("every spike has a mark in the rasters") {
  RegionRates rates = test::example_rates(2, {6, 3});
  rates.tastes[0].counts(0, 1, 7) = 5;  // in one bin
  spread_spikes(rates.tastes[0], rates.bin_ms);
  std::size_t spikes[2] = {};
  for (std::size_t taste = 0; taste < 2; ++taste) {
    for (std::size_t trial = 0; trial < rates.tastes[taste].counts.extent(0); ++trial)
      spikes[taste] += rates.tastes[taste].spikes_ms[trial * 2 + 1].size();
  }
  for (const auto make : {unit_rates_picture, psth_picture}) {
    const std::string svg = svg_of(make(rates, {}, 1));
    for (std::size_t taste = 0; taste < 2; ++taste) CHECK(marks(svg, taste_colour(taste)) == spikes[taste]);
    CHECK(labels(svg, "trial (spikes by bin)") == 0);
  }
  rates.spike_times = false;
  CHECK(labels(svg_of(psth_picture(rates, {}, 1)), "trial (spikes by bin)") == 1);
}

TEST_CASE("figures of other spikes than were counted are refused") {
  RegionRates rates = test::example_rates(2, {6, 3});
  rates.tastes[1].spikes_ms[3].pop_back();
  test::expect_error(ErrorKind::bug, {"unit 1 has 7 spikes in trial 1 of taste 1, but 8 were counted"},
                     [&] { unit_rates_picture(rates, {}, 0); });
}

TEST_CASE("a taste keeps its colour when it is drawn alone") {
  RegionRates rates = test::example_rates(1, {4, 4, 4});
  rates.tastes = {rates.tastes[2]};
  for (const std::string& svg :
       {svg_of(unit_rates_picture(rates, {}, 0)), svg_of(mean_rates_picture(rates, {}, 0))}) {
    CHECK(curves(svg, taste_colour(2), false) > 0);
    CHECK(curves(svg, taste_colour(0), false) == 0);
  }
}

TEST_CASE("units' figures bear tastes without trials, silent units and rates that are not finite") {
  RegionRates rates = test::example_rates(2, {0, 1, 30, 2, 2, 2, 2, 2, 2, 2});
  for (float& rate : rates.tastes[3].rnn_rate_hz.values()) rate = std::numeric_limits<float>::quiet_NaN();
  for (std::uint16_t& count : rates.tastes[2].counts.values()) count = 0;
  spread_spikes(rates.tastes[2], rates.bin_ms);
  const std::string svg = svg_of(unit_rates_picture(rates, {}, 0));
  CHECK(labels(svg, "taste 0, n = 0") == 1);
  CHECK(labels(svg, "taste 1, n = 1") == 1);
  svg_of(mean_rates_picture(rates, {}, 0));
  svg_of(mean_rates_picture(test::example_rates(1, {0}), {}, 0));
  svg_of(unit_rates_picture(test::example_rates(1, {0}), {}, 0));
}

TEST_CASE("the region's figure has a panel for each unit, on pages of one size") {
  for (const std::size_t units : {1U, 3U, 12U, 29U, 60U}) {
    const RegionRates rates = test::example_rates(units, {5, 4, 3});
    const std::size_t pages = mean_rates_pages(rates, {});
    CHECK(pages == (units == 60 ? 2 : 1));
    std::string all;
    for (std::size_t page = 0; page < pages; ++page) {
      const Picture picture = mean_rates_picture(rates, {}, page);
      CHECK(picture.height_px() <= Paper().height_px());
      CHECK(picture.height_px() == mean_rates_picture(rates, {}, 0).height_px());
      const std::string svg = svg_of(picture);
      for (const char* label :
           {"taste 0", "taste 2", "inferred", "PSTH ± standard error", "stimulus", "firing rate (Hz)"}) {
        CHECK_MESSAGE(labels(svg, label) == 1, label);
      }
      all += svg;
    }
    for (std::size_t unit = 0; unit < units; ++unit) CHECK(labels(all, fmt::format("unit {}", unit)) == 1);
    CHECK(curves(all, taste_colour(1), false) == units);
  }
}

TEST_CASE("more than forty trials are drawn as bands, and the figure says so") {
  const auto drawn = [](std::size_t trials) {
    return svg_of(unit_rates_picture(test::example_rates(1, {trials, 3}), {}, 0));
  };
  const std::string few = drawn(40), many = drawn(41), note = "bands that hold 50 and 90% of them";
  CHECK(curves(few, taste_colour(0), true) == 2 * 40);
  CHECK_FALSE(test::holds(few, note));
  CHECK(curves(many, taste_colour(0), true) == 0);
  CHECK(curves(many, taste_colour(1), true) == 2 * 3);
  CHECK(test::holds(many, note));
}

TEST_CASE("bands hold their share of the trials") {
  Array<float, 3> rate_hz({101, 1, 2});
  for (std::size_t trial = 0; trial < 101; ++trial)
    rate_hz(trial, 0, 0) = rate_hz(trial, 0, 1) = static_cast<float>((37 * trial) % 101);
  rate_hz(5, 0, 1) = std::numeric_limits<float>::quiet_NaN();
  const std::vector<double> time_ms{-5.0, 5.0};
  const std::vector<float> band = percentile_band(time_ms, rate_hz, 0, 0.9);
  REQUIRE(band.size() == 6);
  CHECK(std::vector<float>(band.begin(), band.begin() + 3) == std::vector<float>{-5.0F, 5.0F, 95.0F});
}

TEST_CASE("a PSTH is smooth, keeps a constant rate up to the edges, and leaves gaps open") {
  RegionRates rates = test::example_rates(1, {2});
  TasteRates& taste = rates.tastes[0];
  for (std::uint16_t& count : taste.counts.values()) count = 1;
  taste.observed = Array<std::uint8_t, 3>(taste.counts.shape(), 1);
  taste.observed(1, 0, 3) = 0;
  const Array<float, 2> psth = psth_hz(rates, taste, 0);
  for (std::size_t bin = 0; bin < psth.extent(1); ++bin) CHECK(psth(0, bin) == doctest::Approx(40.0));
  CHECK(std::isnan(psth(1, 3)));
  CHECK(psth(1, 4) == doctest::Approx(40.0));
  CHECK(psth_sigma_ms(rates) == 50);
}

TEST_CASE("conditions of more than one row of columns keep their rasters and rates together") {
  const std::string svg =
      svg_of(unit_rates_picture(test::example_rates(1, std::vector<std::size_t>(8, 2)), {}, 0));
  CHECK(labels(svg, "trial") == 3);  // two rows, and the legend
  for (int taste = 0; taste < 8; ++taste) CHECK(labels(svg, fmt::format("taste {}, n = 2", taste)) == 1);
  const Paper narrow{.width_mm = 85.0};
  const RegionRates many = test::example_rates(1, std::vector<std::size_t>(8, 2));
  CHECK(unit_rates_picture(many, narrow, 0).height_px() <= narrow.height_px());
}

TEST_CASE("many tastes with long names share the legend's rows") {
  RegionRates rates = test::example_rates(1, std::vector<std::size_t>(9, 2));
  for (TasteRates& taste : rates.tastes) taste.taste = "a taste whose name is quite long " + taste.taste;
  const Picture picture = mean_rates_picture(rates, {}, 0);
  CHECK(picture.height_px() > mean_rates_picture(test::example_rates(1, {2}), {}, 0).height_px() + 30.0);
  svg_of(picture);
}

TEST_CASE("the figure of true rates has a row for each unit and a column for each trial") {
  const RegionRates rates = test::example_rates(4, {5, 5});
  const std::vector<std::size_t> units{1, 3};
  const std::vector<TasteTrial> trials{{0, 2}, {1, 4}, {1, 0}};
  const std::string svg = svg_of(true_rates_picture(rates, {}, units, trials, "R2 = 0.7"));
  for (const char* label :
       {"unit 1 (Hz)", "unit 3 (Hz)", "taste 0, trial 3", "taste 1, trial 5", "taste 1, trial 1",
        "AM35_4Tastes, region gc, R2 = 0.7", "true rate", "250 ms boxcar"}) {
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  }
  CHECK(curves(svg, ink, false) == units.size() * trials.size());
  CHECK(curves(svg, taste_colour(1), false) == 4);
}

TEST_CASE("the figure of true rates needs them") {
  RegionRates rates = test::example_rates(2, {5});
  const std::vector<std::size_t> units{0}, no_unit{2};
  const std::vector<TasteTrial> trials{{0, 0}}, no_trial{{0, 5}};
  test::expect_error(ErrorKind::bug, {"no unit 2"},
                     [&] { true_rates_picture(rates, {}, no_unit, trials, ""); });
  test::expect_error(ErrorKind::bug, {"taste 0, trial 5"},
                     [&] { true_rates_picture(rates, {}, units, no_trial, ""); });
  rates.tastes[0].true_rate_hz = {};
  test::expect_error(ErrorKind::bug, {"no true rates"},
                     [&] { true_rates_picture(rates, {}, units, trials, ""); });
}

TEST_CASE("the most modulated units are those whose true rates vary most") {
  RegionRates rates = test::example_rates(4, {3});
  const std::vector<float> size{0.5F, 3.0F, 1.0F, 2.0F};
  Array<float, 3>& truth = rates.tastes[0].true_rate_hz;
  for (std::size_t trial = 0; trial < 3; ++trial) {
    for (std::size_t unit = 0; unit < 4; ++unit) {
      for (std::size_t bin = 0; bin < truth.extent(2); ++bin) truth(trial, unit, bin) *= size[unit];
    }
  }
  CHECK(most_modulated_units(rates, 2) == std::vector<std::size_t>{1, 3});
  CHECK(most_modulated_units(rates, 9).size() == 4);
}

TEST_CASE("shapes that disagree are named") {
  RegionRates rates = test::example_rates(2, {5, 3});
  rates.tastes[1].rnn_time_ms.pop_back();
  test::expect_error(ErrorKind::bug, {"rnn_rate_hz of taste 1", "(3, 2, 36)", "(3, 2, 35)"},
                     [&] { unit_rates_picture(rates, {}, 0); });
  rates.units.clear();
  test::expect_error(ErrorKind::bug, {"no units"}, [&] { mean_rates_picture(rates, {}, 0); });
}
