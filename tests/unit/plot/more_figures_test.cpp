#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "example_rates.hpp"
#include "plot/figures.hpp"
#include "plot/region_figures.hpp"
#include "plot/trial_statistics.hpp"
#include "support/expect_error.hpp"
#include "svg.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;
using test::labels;
using test::svg_of;

namespace {

std::size_t images(const std::string& svg) { return test::occurrences(svg, "<image "); }

/// Example rates with `factors` latent factors, each a principal axis.
RegionRates rates_with_latents(std::size_t units, const std::vector<std::size_t>& trials,
                               std::size_t factors) {
  RegionRates rates = test::example_rates(units, trials);
  for (TasteRates& taste : rates.tastes) {
    taste.latents = Array<float, 3>({taste.counts.extent(0), factors, taste.rnn_time_ms.size()});
    for (std::size_t i = 0; i < taste.latents.size(); ++i) {
      taste.latents.values()[i] = std::sin(0.37F * static_cast<float>(i));
    }
    taste.latent_axes = taste.latents;
    taste.axis_shares.assign(factors, 1.0 / static_cast<double>(factors));
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
  const std::string svg = svg_of(overview_picture(test::example_rates(5, {4, 3}), {}, 0));
  CHECK(images(svg) == 10);
  for (int unit = 0; unit < 5; ++unit)
    CHECK(test::holds(svg, fmt::format("<text>unit {}, inferred 0 to ", unit)));
}

TEST_CASE("a unit's heat maps have colour bars in Hz") {
  const std::string svg = svg_of(unit_heat_picture(test::example_rates(2, {5, 3}), {}, 1));
  CHECK(images(svg) == 6);
  CHECK(labels(svg, "Hz") == 3);
  CHECK(labels(svg, "unit 1, region gc") == 1);
}

TEST_CASE("mean rates by unit are four rows of heat maps for each taste") {
  const std::string svg = svg_of(mean_heat_picture(test::example_rates(6, {5, 3, 1}), {}, 0));
  CHECK(images(svg) == 4 * 3 + 4);
  CHECK(labels(svg, "taste 2") == 1);
  CHECK(labels(svg, "inferred, z-scored") == 1);
}

TEST_CASE("latents are a heat map for each taste and axis, which says its share") {
  const std::string svg = svg_of(latents_picture(rates_with_latents(2, {5, 3}, 3), {}, 0));
  CHECK(images(svg) == 2 * 3 + 1);
  CHECK(labels(svg, "axis 3, 33% of variance") == 1);
  test::expect_error(ErrorKind::bug, {"no latents of taste 0"},
                     [] { latents_picture(test::example_rates(2, {5}), {}, 0); });
}

TEST_CASE("the latent space is seen from three sides, once for each fit") {
  RegionRates rates = rates_with_latents(2, {5, 30}, 3);
  const std::string svg = svg_of(latent_space_picture(rates, {}, 0));
  CHECK(labels(svg, "axis 1, 33% of variance") == 2);
  CHECK(labels(svg, "axes 1, 2 and 3") == 1);
  CHECK(test::holds(svg, "up to 10 trials of each taste"));
  rates.tastes[1].fit = 1;
  CHECK(labels(svg_of(latent_space_picture(rates, {}, 0)), "axes 1, 2 and 3") == 2);
  const RegionRates flat = rates_with_latents(2, {5}, 2);
  CHECK(labels(svg_of(latent_space_picture(flat, {}, 0)), "axis 2, 50% of variance") == 1);
  CHECK_FALSE(has_latent_axes(rates_with_latents(2, {5}, 1)));
}

TEST_CASE("a trial of the population has a row for each unit, by the peak of its mean rate") {
  const RegionRates rates = rates_with_latents(3, {5, 3}, 2);
  const std::string svg = svg_of(population_picture(rates, {}, {1, 2}));
  for (const char* label : {"taste 1, trial 3", "units, by peak", "latent axes", "axis 2, 50% of variance"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  CHECK(images(svg) == 2);
  test::expect_error(ErrorKind::bug, {"no trial 3"}, [&] { population_picture(rates, {}, {1, 3}); });
  RegionRates peaked = test::example_rates(3, {2});
  for (float& rate_hz : peaked.tastes[0].rnn_rate_hz.values()) rate_hz = 1.0F;
  for (std::size_t unit = 0; unit < 3; ++unit) peaked.tastes[0].rnn_rate_hz(0, unit, 20 - 5 * unit) = 9.0F;
  CHECK(units_by_peak(peaked) == std::vector<std::size_t>{2, 1, 0});
}

TEST_CASE("titles and legends are whole where there is one taste only") {
  RegionRates rates = rates_with_latents(3, {5}, 2);
  rates.tastes[0].standard_error_hz = Array<float, 3>(rates.tastes[0].rnn_rate_hz.shape(), 1.0F);
  CHECK(labels(svg_of(gallery_picture(rates, {}, 0)), "Single trials sorted by their latent transition") ==
        1);
  const std::string svg = svg_of(fold_error_picture(rates, {}, 0));
  CHECK(labels(svg, "Rates of single trials and their standard error") == 1);
  CHECK(labels(svg, "network that had not seen the trial") == 1);
}

TEST_CASE("the gallery sorts trials of each taste, and says how many transitions there are") {
  const std::string svg = svg_of(gallery_picture(rates_with_latents(3, {5, 3}, 2), {}, 0));
  CHECK(images(svg) == 2 * 2 * 2 + 4);
  CHECK(labels(svg, "spikes") == 2);
  CHECK(labels(svg, "transition: none of 8 trials has more than shuffled ones") == 1);
}

TEST_CASE("mean and standard error are those of numpy with ddof=1") {
  Array<float, 2> rates({3, 2});
  const std::vector<float> values{1, 2, 4, 2, 7, 8};
  std::copy(values.begin(), values.end(), rates.data());
  const MeanAndError of = mean_and_error(rates);
  CHECK(of.mean == std::vector<float>{4.0F, 4.0F});
  CHECK(of.error[0] == doctest::Approx(3.0 / std::sqrt(3.0)));
  CHECK(of.error[1] == doctest::Approx(std::sqrt(12.0) / std::sqrt(3.0)));
  const std::vector<double> time_ms{0.0, 25.0};
  MeanAndError low = of;
  low.error[0] = 9.0F;
  CHECK(error_band(time_ms, low)[1] == 0.0F);  // Not below 0 Hz.
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
  const MeanAndError of = mean_and_error(unit_values(rate_hz, 0));
  CHECK(of.mean[0] == 2);
  CHECK(of.error[0] == doctest::Approx(1.0));
  CHECK(of.mean[1] == 4);
  CHECK(of.error[1] == 0);
  CHECK(std::isnan(of.mean[2]));
  CHECK(svg_of(mean_rates_picture(rates, {}, 0)).find("nan") == std::string::npos);
}

TEST_CASE("a PSTH has a background, a band and a line for each taste") {
  RegionRates rates = test::example_rates(2, {6, 4});
  const std::string svg = svg_of(psth_picture(rates, {}, 0));
  for (const char* label : {"PSTH (Hz)", "inferred, mean (Hz)", "taste 0", "taste 1", "stimulus", "trial"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  CHECK(test::holds(svg, "PSTH, Gaussian of 50 ms; bands: standard error over trials"));
  CHECK(test::occurrences(svg, "fill-opacity") >= 4);
  rates.trial_order = "lick_ms";
  CHECK(labels(svg_of(psth_picture(rates, {}, 0)), "trial, by lick_ms") == 1);
}

TEST_CASE("the folds' standard error is drawn where it is known") {
  RegionRates rates = test::example_rates(5, {4, 3});
  CHECK_FALSE(has_fold_error(rates));
  test::expect_error(ErrorKind::bug, {"no standard errors"}, [&] { fold_error_picture(rates, {}, 0); });
  for (TasteRates& taste : rates.tastes) {
    taste.standard_error_hz = Array<float, 3>(taste.rnn_rate_hz.shape(), 0.7F);
    taste.out_of_fold_hz = taste.rnn_rate_hz;
  }
  CHECK(has_fold_error(rates));
  const std::string svg = svg_of(fold_error_picture(rates, {}, 0));
  CHECK(labels(svg, "± standard error") == 1);
  CHECK(test::occurrences(svg, "<text>taste 1, trial ") == 2);  // of two conditions two trials each
  CHECK(test::holds(svg, "trials of low to high score"));
  rates.tastes[0].standard_error_hz = Array<float, 3>({4, 5, 2});
  test::expect_error(ErrorKind::bug, {"standard_error_hz of taste 0"},
                     [&] { fold_error_picture(rates, {}, 0); });
}

TEST_CASE("calibration has a panel for each fit, with its dots and errors") {
  FitCalibration fit{"region gc, all tastes", {0.5, 2.0, 20.0}, {0.0, 2.5, 18.0}, {0.0, 0.5, 30.0}};
  const std::string svg = svg_of(calibration_picture("AM35", {}, std::array{fit, fit}));
  CHECK(labels(svg, "region gc, all tastes") == 2);
  CHECK(labels(svg, "predicted rate (Hz)") == 1);
  CHECK(svg.find("nan") == std::string::npos);
  fit.counted_hz.pop_back();
  test::expect_error(ErrorKind::bug, {"3 predicted rates, 2 counted"},
                     [&] { calibration_picture("AM35", {}, std::array{fit}); });
  test::expect_error(ErrorKind::bug, {"no calibrations"}, [&] { calibration_picture("AM35", {}, {}); });
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
  const std::string svg = svg_of(inputs_picture(inputs, {}));
  CHECK(images(svg) == 5);
  CHECK(labels(svg, "component 4") == 1);
  CHECK(labels(svg, "laser (black: on)") == 0);
  CHECK(labels(svg, "−0.5") == 0);
  inputs.trial_numbers = {-0.5F, 0.0F, 0.5F};
  const std::string centred = svg_of(inputs_picture(inputs, {}));
  CHECK(labels(centred, "−0.5") == 1);
  CHECK(labels(centred, "0.5") == 1);
  inputs.laser = Array<float, 2>({3, 20}, 1.0F);
  const std::string with_laser = svg_of(inputs_picture(inputs, {}));
  CHECK(images(with_laser) == 6);
  CHECK(labels(with_laser, "laser (black: on)") == 1);
  inputs.laser = Array<float, 2>({2, 20}, 1.0F);
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs, {}); });
  inputs.laser = {};
  inputs.names.pop_back();
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs, {}); });
  inputs.names.push_back("component 4");
  inputs.pulse.pop_back();
  test::expect_error(ErrorKind::bug, {"region gc, nacl"}, [&] { inputs_picture(inputs, {}); });
}

TEST_CASE("the typical trial is the one of median score") {
  RegionRates rates = test::example_rates(1, {5, 5, 5, 5, 5});
  for (TasteRates& taste : rates.tastes) {
    // The later the trial, the more its rates are those of its spikes.
    for (std::size_t trial = 0; trial < 5; ++trial) {
      for (std::size_t bin = 0; bin < taste.rnn_rate_hz.extent(2); ++bin) {
        const double counted_hz = 40.0 * taste.counts(trial, 0, bin + 4);
        taste.rnn_rate_hz(trial, 0, bin) =
            static_cast<float>(8.0 + 0.2 * static_cast<double>(trial) * (counted_hz - 8.0));
      }
    }
  }
  const std::vector<TasteTrial> trials = typical_trials(rates);
  REQUIRE(trials.size() == 4);
  for (std::size_t taste = 0; taste < 4; ++taste) {
    CHECK(trials[taste].taste == taste);
    CHECK(trials[taste].trial == 2);
  }
  CHECK(trials_note(rates, trials) == "the trial of median score of the first 4 tastes");
}

TEST_CASE("scores stand in order with their digits, errors and folds") {
  const double none = std::nan("");
  const std::string svg = svg_of(scores_picture("AM35", {},
                                                {{"R²",
                                                  "R²",
                                                  {{"boxcar", 0.07},
                                                   {"network", 0.65, 0.01, {0.6, 0.7}, Whose::published},
                                                   {"smoothing", 0.594},
                                                   {"other", none}}},
                                                 {"of region b", "R²", {{"far below", -9.0}}}}));
  CHECK(svg.find("<text>network</text>") < svg.find("<text>smoothing</text>"));
  CHECK(svg.find("<text>smoothing</text>") < svg.find("<text>boxcar</text>"));
  CHECK(svg.find("<text>boxcar</text>") < svg.find("<text>other</text>"));
  for (const char* label : {"0.650 ± 0.010", "0.594", "0.070", "none", "-9.000", "◂", "a line for each fold"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
}

TEST_CASE("each unit has a dot at its scores") {
  const double none = std::nan("");
  FitUnitScores fit{"region gc, all tastes",
                    "condition average",
                    {"unit 0", "unit 1", "unit 2"},
                    {0.1, 0.2, none},
                    {0.4, 0.1, none}};
  const std::string svg = svg_of(unit_scores_picture("AM35", {}, std::array{fit}));
  for (const char* label : {"better in 1 of 2 units", "condition average", "rates inferred here", "unit 0"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
  CHECK(labels(svg, "unit 2") == 0);
  fit.simple.pop_back();
  test::expect_error(ErrorKind::bug, {"2 and 3 units"},
                     [&] { unit_scores_picture("AM35", {}, std::array{fit}); });
}

TEST_CASE("letters are 5 points or larger, and figures no larger than their page") {
  RegionRates rates = rates_with_latents(60, std::vector<std::size_t>(8, 3), 4);
  for (TasteRates& taste : rates.tastes) {
    taste.standard_error_hz = Array<float, 3>(taste.rnn_rate_hz.shape(), 0.7F);
    taste.out_of_fold_hz = taste.rnn_rate_hz;
  }
  const std::vector<Picture> pictures{
      mean_rates_picture(rates, {}, 0), overview_picture(rates, {}, 0),     unit_rates_picture(rates, {}, 0),
      psth_picture(rates, {}, 0),       unit_heat_picture(rates, {}, 0),    mean_heat_picture(rates, {}, 0),
      latents_picture(rates, {}, 0),    latent_space_picture(rates, {}, 0), population_picture(rates, {}, {}),
      fold_error_picture(rates, {}, 0), gallery_picture(rates, {}, 0)};
  for (const Picture& picture : pictures) {
    CAPTURE(picture.title());
    CHECK(picture.height_px() <= picture.paper().height_px());
    const std::string svg = svg_of(picture), size = "font-size=\"";
    double least_px = 100.0;
    for (auto at = svg.find(size); at != std::string::npos; at = svg.find(size, at + 1))
      least_px = std::min(least_px, std::stod(svg.substr(at + size.size())));
    CHECK(least_px * picture.paper().scale() * 0.75 >= 5.0);
    CHECK(test::holds(svg, " width=\"180mm\""));
  }
}

TEST_CASE("colour bars say that some values lie outside of their scale") {
  ColourScale scale = ColourScale::sequential(0.0, 10.0);
  const auto bar = [&] {
    Picture picture({}, 200.0);
    picture.colour_bar({100.0, 40.0, 12.0, 100.0}, scale, "Hz");
    return svg_of(picture);
  };
  CHECK(labels(bar(), "10") == 1);
  scale.drawing(-1.0, 12.0);
  CHECK(labels(bar(), "> 10") == 1);
  CHECK(labels(bar(), "&lt; 0") == 1);
  CHECK(labels(bar(), "10") == 0);
}

TEST_CASE("a dataset's scores are dots, none for a session without") {
  const std::string svg = svg_of(sessions_picture(
      "set", {}, {"day 1", "day 2"}, {{"bits per spike", {0.1, 0.3}}, {"R²", {std::nan(""), 0.5}}}));
  for (const char* label : {"day 1", "day 2", "bits per spike", "R²"})
    CHECK_MESSAGE(labels(svg, label) == 1, label);
}
