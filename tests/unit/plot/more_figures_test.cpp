#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "example_rates.hpp"
#include "plot/figures.hpp"
#include "plot/region_figures.hpp"
#include "support/expect_error.hpp"
#include "svg.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;
using test::labels;
using test::svg_of;

namespace {

std::size_t images(const std::string& svg) { return test::occurrences(svg, "<image "); }

/// Example rates with `factors` latent factors.
RegionRates rates_with_latents(std::size_t units, const std::vector<std::size_t>& trials,
                               std::size_t factors) {
  RegionRates rates = test::example_rates(units, trials);
  for (TasteRates& taste : rates.tastes) {
    taste.latents = Array<float, 3>({taste.counts.extent(0), factors, taste.rnn_time_ms.size()});
    for (std::size_t i = 0; i < taste.latents.size(); ++i) {
      taste.latents.values()[i] = std::sin(0.37F * static_cast<float>(i));
    }
  }
  return rates;
}

}  // namespace

TEST_CASE("colour scales have their anchors at the ends and white for what is not finite") {
  CHECK(ColourScale::sequential(0.0, 10.0).colour(-5.0) == 0x440154);
  CHECK(ColourScale::sequential(0.0, 10.0).colour(10.0) == 0xFDE725);
  CHECK(ColourScale::diverging(2.0).colour(0.0) == 0xF7F7F7);
  CHECK(ColourScale::grey(0.0, 1.0).colour(0.5) == 0x808080);
  CHECK(ColourScale::grey(0.0, 1.0).colour(std::nan("")) == 0xFFFFFF);
  CHECK(ColourScale::grey(1.0, 1.0).colour(1.0) == 0xFFFFFF);
}

TEST_CASE("the overview has two heat maps a unit") {
  const std::string svg = svg_of(overview_picture(test::example_rates(5, {4, 3})));
  CHECK(images(svg) == 10);
  for (int unit = 0; unit < 5; ++unit)
    CHECK(test::holds(svg, fmt::format("<text>unit {}, inferred 0 to ", unit)));
}

TEST_CASE("a unit's heat maps have colour bars in Hz") {
  const std::string svg = svg_of(unit_heat_picture(test::example_rates(2, {5, 3}), 1));
  CHECK(images(svg) == 6);
  CHECK(labels(svg, "Hz") == 3);
  CHECK(labels(svg, "unit 1, region gc") == 1);
}

TEST_CASE("mean rates by unit are four rows of heat maps for each taste") {
  const std::string svg = svg_of(mean_heat_picture(test::example_rates(6, {5, 3, 1})));
  CHECK(images(svg) == 4 * 3 + 4);
  CHECK(labels(svg, "taste 2, inferred, z-scored") == 1);
}

TEST_CASE("latents are a heat map for each taste and factor") {
  CHECK(images(svg_of(latents_picture(rates_with_latents(2, {5, 3}, 3)))) == 2 * 3 + 2);
  test::expect_error(ErrorKind::bug, {"no latents of taste 0"},
                     [] { latents_picture(test::example_rates(2, {5})); });
}

TEST_CASE("one trial's latents are a line a factor, raw and z-scored") {
  const RegionRates rates = rates_with_latents(2, {5, 3}, 3);
  const std::string svg = svg_of(trial_latents_picture(rates, 1, 2));
  for (const char* label : {"Latent factors of taste 1, trial 3", "latent factor", "latent factor (z)"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  test::expect_error(ErrorKind::bug, {"no trial 3"}, [&] { trial_latents_picture(rates, 1, 3); });
}

TEST_CASE("titles and legends are whole where there is one taste only") {
  RegionRates rates = rates_with_latents(3, {5}, 2);
  rates.tastes[0].standard_error_hz = Array<float, 3>(rates.tastes[0].rnn_rate_hz.shape(), 1.0F);
  CHECK(labels(svg_of(gallery_picture(rates)), "Single trials sorted by their latent transition") == 1);
  const std::string svg = svg_of(fold_error_picture(rates));
  CHECK(labels(svg, "Rates of single trials and their standard error") == 1);
  CHECK(labels(svg, "network that had not seen the trial") == 1);
}

TEST_CASE("the gallery sorts trials of each taste, and says how many transitions there are") {
  const std::string svg = svg_of(gallery_picture(rates_with_latents(3, {5, 3}, 2)));
  CHECK(images(svg) == 2 * 2 * 2 + 4);
  CHECK(labels(svg, "spikes") == 2);
  CHECK(labels(svg, "transition: none of 8 trials has more than shuffled ones") == 1);
}

TEST_CASE("mean and deviation are those of numpy with ddof=1") {
  Array<float, 3> rates({3, 2, 2});
  const std::vector<float> values{1, 2, 9, 9, 4, 2, 9, 9, 7, 8, 9, 9};
  std::copy(values.begin(), values.end(), rates.data());
  const MeanAndDeviation of = mean_and_deviation(rates, 0);
  CHECK(of.mean == std::vector<float>{4.0F, 4.0F});
  CHECK(of.deviation[0] == doctest::Approx(3.0));
  CHECK(of.deviation[1] == doctest::Approx(std::sqrt(12.0)));
}

TEST_CASE("what was not recorded is a gap, and no part of means over trials") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  RegionRates rates = test::example_rates(2, {3});
  TasteRates& taste = rates.tastes[0];
  taste.observed = Array<std::uint8_t, 3>(taste.counts.shape(), 1);
  for (std::size_t trial = 0; trial < 3; ++trial) {
    taste.observed(trial, 1, 0) = taste.observed(trial, 1, 1) = 0;
    for (std::size_t bin = 0; bin < 3; ++bin) taste.counts(trial, 1, bin) = 1;
  }
  taste.observed(2, 1, 1) = 1;
  spread_spikes(taste, rates.bin_ms);
  const Array<float, 2> binned = binned_rate_hz(rates, taste, 1);
  CHECK(std::isnan(binned(2, 0)));
  CHECK(binned(2, 1) == 40);
  const std::vector<float> mean = trial_mean(binned);
  CHECK(std::isnan(mean[0]));
  CHECK(mean[1] == 40);
  CHECK(mean[2] == 40);
  Array<float, 3> rate_hz({3, 1, 3});
  const std::vector<float> values{1, nan, nan, 3, 4, nan, nan, nan, nan};
  std::copy(values.begin(), values.end(), rate_hz.data());
  const MeanAndDeviation of = mean_and_deviation(rate_hz, 0);
  CHECK(of.mean[0] == 2);
  CHECK(of.deviation[0] == doctest::Approx(std::sqrt(2.0)));
  CHECK(of.mean[1] == 4);
  CHECK(of.deviation[1] == 0);
  CHECK(std::isnan(of.mean[2]));
  CHECK(svg_of(mean_rates_picture(rates)).find("nan") == std::string::npos);
}

TEST_CASE("a unit's tastes have a background, a band and a line each") {
  const std::string svg = svg_of(unit_tastes_picture(test::example_rates(2, {6, 4}), 0));
  for (const char* label :
       {"250 ms boxcar ± sd (Hz)", "inferred ± sd (Hz)", "taste 0", "taste 1", "stimulus"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  CHECK(test::occurrences(svg, "fill-opacity") >= 2);
}

TEST_CASE("the folds' standard error is drawn where it is known") {
  RegionRates rates = test::example_rates(5, {4, 3});
  CHECK_FALSE(has_fold_error(rates));
  test::expect_error(ErrorKind::bug, {"no standard errors"}, [&] { fold_error_picture(rates); });
  for (TasteRates& taste : rates.tastes) {
    taste.standard_error_hz = Array<float, 3>(taste.rnn_rate_hz.shape(), 0.7F);
    taste.out_of_fold_hz = taste.rnn_rate_hz;
  }
  CHECK(has_fold_error(rates));
  const std::string svg = svg_of(fold_error_picture(rates));
  CHECK(labels(svg, "± standard error") == 1);
  CHECK(labels(svg, "taste 1, trial 1") == 1);
  rates.tastes[0].standard_error_hz = Array<float, 3>({4, 5, 2});
  test::expect_error(ErrorKind::bug, {"standard_error_hz of taste 0"}, [&] { fold_error_picture(rates); });
}

TEST_CASE("calibration has a panel for each fit, with its dots and errors") {
  FitCalibration fit{"region gc, all tastes", {0.5, 2.0, 20.0}, {0.0, 2.5, 18.0}, {0.0, 0.5, 30.0}};
  const std::string svg = svg_of(calibration_picture("AM35", std::array{fit, fit}));
  CHECK(labels(svg, "region gc, all tastes") == 2);
  CHECK(labels(svg, "predicted rate (Hz)") == 1);
  CHECK(svg.find("nan") == std::string::npos);
  fit.counted_hz.pop_back();
  test::expect_error(ErrorKind::bug, {"3 predicted rates, 2 counted"},
                     [&] { calibration_picture("AM35", std::array{fit}); });
  test::expect_error(ErrorKind::bug, {"no calibrations"}, [&] { calibration_picture("AM35", {}); });
}

TEST_CASE("inputs are the pulse, the trial numbers, the laser and the components") {
  FitInputs inputs{.session = "AM35", .fit = "region gc, nacl", .bin_ms = 25.0};
  for (int bin = 0; bin < 20; ++bin) inputs.time_ms.push_back(-100.0 + 25.0 * (bin + 0.5));
  inputs.pulse.assign(20, 0.0F);
  inputs.pulse[4] = 1.0F;
  inputs.trial_numbers = {0.0F, 0.5F, 1.0F};
  inputs.kind = "components";
  inputs.names = {"component 1", "component 2", "component 3", "component 4"};
  inputs.values = Array<float, 3>({3, 4, 20}, 0.5F);
  const std::string svg = svg_of(inputs_picture(inputs));
  CHECK(images(svg) == 5);
  CHECK(labels(svg, "component 4, trials by time") == 1);
  CHECK(labels(svg, "laser (black: on), trials by time") == 0);
  CHECK(labels(svg, "−0.5") == 0);
  inputs.trial_numbers = {-0.5F, 0.0F, 0.5F};
  const std::string centred = svg_of(inputs_picture(inputs));
  CHECK(labels(centred, "−0.5") == 1);
  CHECK(labels(centred, "0.5") == 1);
  inputs.laser = Array<float, 2>({3, 20}, 1.0F);
  const std::string with_laser = svg_of(inputs_picture(inputs));
  CHECK(images(with_laser) == 6);
  CHECK(labels(with_laser, "laser (black: on), trials by time") == 1);
  inputs.laser = Array<float, 2>({2, 20}, 1.0F);
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs); });
  inputs.laser = {};
  inputs.names.pop_back();
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs); });
  inputs.names.push_back("component 4");
  inputs.pulse.pop_back();
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs); });
}

TEST_CASE("scores stand in order with their digits") {
  const double none = std::nan("");
  const std::string svg = svg_of(scores_picture("AM35", {{"R²",
                                                          {"boxcar", "network", "smoothing", "other"},
                                                          {0.07, 0.65, 0.594, none},
                                                          {false, true, false, false}}}));
  CHECK(svg.find("<text>network</text>") < svg.find("<text>smoothing</text>"));
  CHECK(svg.find("<text>smoothing</text>") < svg.find("<text>boxcar</text>"));
  CHECK(svg.find("<text>boxcar</text>") < svg.find("<text>other</text>"));
  for (const char* label : {"0.650", "0.594", "0.070", "none"}) CHECK_MESSAGE(labels(svg, label) == 1, label);
  test::expect_error(ErrorKind::bug, {"R²", "2 methods"}, [] {
    scores_picture("a", {{"R²", {"a", "b"}, {0.5}, {true, true}}});
  });
}

TEST_CASE("a dataset's scores are dots, none for a session without") {
  const std::string svg = svg_of(sessions_picture(
      "set", {"day 1", "day 2"}, {{"bits per spike", {0.1, 0.3}}, {"R²", {std::nan(""), 0.5}}}));
  for (const char* label : {"day 1", "day 2", "bits per spike", "R²"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
}
