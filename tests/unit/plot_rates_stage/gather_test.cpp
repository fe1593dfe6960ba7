#include "plot_rates/gather.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.hpp"
#include "plot_rates/choose.hpp"
#include "plot_rates/figures.hpp"
#include "plot_rates/report.hpp"
#include "support/expect_error.hpp"

using namespace rnn_rates;

namespace {

/// Two tastes of 2 and 1 trials, three units in two regions, two bins of 25 ms.
artifact::SessionBins small_bins() {
  artifact::SessionBins bins;
  bins.bin_edges_ms = {0, 25, 50};
  bins.stim_ms = 25;
  bins.unit_regions = {"x", "x_taste_y", "x_taste_y"};
  bins.taste_names = {"sucrose", "water"};
  bins.taste_dig_ins = {"dig_in_0", "dig_in_1"};
  bins.counts = {Array<std::uint16_t, 3>({2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}),
                 Array<std::uint16_t, 3>({1, 3, 2}, {12, 13, 14, 15, 16, 17})};
  bins.true_rate_hz = Array<float, 3>({3, 3, 2});
  for (std::size_t i = 0; i < 18; ++i) bins.true_rate_hz->values()[i] = static_cast<float>(i);
  return bins;
}

/// A fit of one region over both tastes, with folds.
inference::FitRates joint_fit() {
  inference::FitRates fit{.region = "x_taste_y", .taste = "all"};
  fit.units = {1, 2};
  fit.trial_taste = {0, 0, 1};
  fit.time_ms = {-12.5, 12.5};
  fit.rate_hz = Array<float, 3>({3, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  fit.latents = Array<float, 3>({3, 1, 2}, {0, 1, 2, 3, 4, 5});
  fit.folds = inference::FoldRates{{.fold = {1, 0, 1}}, fit.rate_hz, Array<float, 3>({3, 2, 2}, 0.5F)};
  return fit;
}

}  // namespace

TEST_CASE("a region's figures show the units and trials of its fit, taste by taste") {
  const std::vector<plot::RegionRates> regions =
      plot_rates::gather_regions("session", small_bins(), {}, {joint_fit()}, "taste");
  REQUIRE(regions.size() == 1);
  CHECK(regions[0].region == "x_taste_y");
  CHECK(regions[0].units.size() == 2);
  REQUIRE(regions[0].tastes.size() == 2);
  const plot::TasteRates &sucrose = regions[0].tastes[0], &water = regions[0].tastes[1];
  CHECK(water.taste == "water");
  CHECK(sucrose.counts == Array<std::uint16_t, 3>({2, 2, 2}, {2, 3, 4, 5, 8, 9, 10, 11}));
  CHECK(sucrose.rnn_rate_hz == Array<float, 3>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
  CHECK(water.rnn_rate_hz == Array<float, 3>({1, 2, 2}, {8, 9, 10, 11}));
  CHECK(water.latents == Array<float, 3>({1, 1, 2}, {4, 5}));
  CHECK(water.true_rate_hz == Array<float, 3>({1, 2, 2}, {14, 15, 16, 17}));
  CHECK(sucrose.trial_fold == std::vector<std::uint32_t>{1, 0});
  CHECK(water.standard_error_hz.shape() == Array<float, 3>::Shape{1, 2, 2});
  CHECK(sucrose.held_out == std::vector<bool>{false, false});
}

TEST_CASE(
    "figures have the spikes of their units and trials, evenly in their bins where times are not known") {
  const artifact::SessionBins bins = small_bins();
  artifact::WindowSpikes spikes{.units = 3, .ms = {}, .ends = {}};
  for (const Array<std::uint16_t, 3>& counts : bins.counts) {
    for (std::size_t train = 0; train < counts.extent(0) * 3; ++train) {
      for (std::uint32_t bin = 0; bin < 2; ++bin) {
        for (std::uint32_t spike = 0; spike < counts(train / 3, train % 3, bin); ++spike)
          spikes.ms.push_back(25 * bin + spike);
      }
      spikes.ends.push_back(spikes.ms.size());
    }
  }
  const auto known = plot_rates::gather_regions("session", bins, spikes, {joint_fit()}, "taste");
  CHECK(known[0].spike_times);
  // Unit 1 in the first trial: two spikes in the bin before the stimulus, three after it.
  CHECK(known[0].tastes[0].spikes_ms[0] == std::vector<float>{-24.5F, -23.5F, 0.5F, 1.5F, 2.5F});
  CHECK(known[0].tastes[1].spikes_ms[1].size() == 16 + 17);
  CHECK(known[0].tastes[1].spikes_ms[1].front() == -24.5F);
  plot::check_shapes(known[0]);
  const auto unknown = plot_rates::gather_regions("session", bins, {}, {joint_fit()}, "taste");
  CHECK_FALSE(unknown[0].spike_times);
  CHECK(unknown[0].tastes[0].spikes_ms[0][0] == doctest::Approx(-18.75));
  CHECK(unknown[0].tastes[0].spikes_ms[0][1] == doctest::Approx(-6.25));
  plot::check_shapes(unknown[0]);
}

TEST_CASE("fits of one region share its figures, and others begin new ones") {
  inference::FitRates first = joint_fit();
  first.taste = "0";
  first.trial_taste = {0, 0};
  first.rate_hz = Array<float, 3>({2, 2, 2});
  first.latents = Array<float, 3>({2, 1, 2});
  first.folds.reset();
  first.test_trials = {1};
  inference::FitRates second = first, other = first;
  second.taste = "1";
  second.trial_taste = {1};
  second.rate_hz = Array<float, 3>({1, 2, 2});
  second.latents = Array<float, 3>({1, 1, 2});
  other.region = "x";
  other.units = {0};
  other.rate_hz = Array<float, 3>({2, 1, 2});
  const auto regions =
      plot_rates::gather_regions("session", small_bins(), {}, {other, first, second}, "taste");
  REQUIRE(regions.size() == 2);
  CHECK(regions[0].region == "x");
  CHECK(regions[1].tastes.size() == 2);
  CHECK(regions[1].tastes[0].held_out == std::vector<bool>{false, true});
  CHECK(regions[1].tastes[0].standard_error_hz.size() == 0);
}

TEST_CASE("a fit's title names its region and taste, whatever they are called") {
  inference::FitRates fit = joint_fit();
  CHECK(plot_rates::fit_title(fit, small_bins(), "taste") == "region x_taste_y, all tastes");
  fit.taste = "1";
  fit.trial_taste = {1};
  CHECK(plot_rates::fit_title(fit, small_bins(), "taste") == "region x_taste_y, water");
}

TEST_CASE("scores stand in a row each, with a column for each fit") {
  const plot::PageTable table =
      plot_rates::score_table({{"a", "bits", "information", "bits", 0.25}, {"session", "r2", "fit", "", 1}});
  CHECK(table.head == std::vector<std::string>{"score", "a", "session", "meaning"});
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0] == std::vector<std::string>{"bits", "0.25", "", "information (bits)"});
  CHECK(table.rows[1] == std::vector<std::string>{"r2", "", "1", "fit"});
}

TEST_CASE("figures show all of up to eight conditions, and more in parts") {
  std::vector<plot::RegionRates> regions =
      plot_rates::gather_regions("session", small_bins(), {}, {joint_fit()}, "odour");
  CHECK(plot_rates::choose(regions, small_bins(), {}).empty());
  while (regions[0].tastes.size() < 18) regions[0].tastes.push_back(regions[0].tastes[0]);
  const auto parts = plot_rates::choose(regions, small_bins(), {});
  REQUIRE(parts.size() == 3);
  CHECK(parts[1].part == "tastes 9 to 16 of 18");
  CHECK(parts[2].tastes.size() == 2);
  CHECK(parts[2].tastes[1].index == 1);  // for colours that are told apart
  plot::check_shapes(parts[2]);
}

TEST_CASE("figures show the conditions, units and trials that are asked for, in the order asked for") {
  artifact::SessionBins bins = small_bins();
  bins.trial_columns["lick_ms"] = std::vector<double>{30, 20, 10};
  const auto regions = plot_rates::gather_regions("session", bins, {}, {joint_fit()}, "taste");
  config::PlotRates settings;
  settings.conditions = {"sucrose"};
  settings.units = {"2", "7"};
  settings.sort_trials = "lick_ms";
  const auto chosen = plot_rates::choose(regions, bins, settings);
  REQUIRE(chosen.size() == 1);
  CHECK(chosen[0].units == std::vector<std::string>{"unit 002"});
  CHECK(chosen[0].trial_order == "lick_ms");
  REQUIRE(chosen[0].tastes.size() == 1);
  const plot::TasteRates& sucrose = chosen[0].tastes[0];
  CHECK(sucrose.numbers == std::vector<std::size_t>{2, 1});
  CHECK(sucrose.counts == Array<std::uint16_t, 3>({2, 1, 2}, {10, 11, 4, 5}));
  CHECK(sucrose.trial_fold == std::vector<std::uint32_t>{0, 1});
  plot::check_shapes(chosen[0]);
  settings.trials = {"2-9"};
  CHECK(plot_rates::choose(regions, bins, settings)[0].tastes[0].numbers == std::vector<std::size_t>{2});
  settings.trials = {"2-"};
  test::expect_error(ErrorKind::config, {"plots.trials", "2-"},
                     [&] { plot_rates::choose(regions, bins, settings); });
  settings = {};
  settings.conditions = {"salt"};
  test::expect_error(ErrorKind::config, {"no taste 'salt'", "sucrose, water"},
                     [&] { plot_rates::choose(regions, bins, settings); });
  settings = {};
  settings.units = {"9"};
  test::expect_error(ErrorKind::config, {"no units 9"}, [&] { plot_rates::choose(regions, bins, settings); });
  settings = {};
  settings.sort_trials = "age";
  test::expect_error(ErrorKind::config, {"no column 'age'", "lick_ms"},
                     [&] { plot_rates::choose(regions, bins, settings); });
}

TEST_CASE("latents are drawn along their principal axes") {
  inference::FitRates fit = joint_fit();
  fit.latents = Array<float, 3>({3, 2, 2}, {0, 1, 0, 3, 2, 3, 6, 9, 4, 5, 12, 14});  // nearly on a line
  const plot::TasteRates sucrose =
      plot_rates::gather_regions("session", small_bins(), {}, {fit}, "taste")[0].tastes[0];
  REQUIRE(sucrose.latent_axes.shape() == std::array<std::size_t, 3>{2, 2, 2});
  CHECK(sucrose.axis_shares[0] > 0.99);
  CHECK(sucrose.axis_shares[0] + sucrose.axis_shares[1] == doctest::Approx(1.0));
}

TEST_CASE("a boxcar that reaches out of the window is left open") {
  artifact::SessionBins bins = small_bins();
  for (int edge = 3; edge <= 40; ++edge) bins.bin_edges_ms.push_back(25.0 * edge);
  for (auto& counts : bins.counts) counts = Array<std::uint16_t, 3>({counts.extent(0), 3, 40});
  bins.true_rate_hz.reset();
  inference::FitRates fit = joint_fit();
  const auto regions = plot_rates::gather_regions("session", bins, {}, {fit}, "taste");
  CHECK(regions[0].boxcar_ms == 125);  // an eighth of a second
  const Array<float, 3>& boxcar = regions[0].tastes[0].boxcar_rate_hz;
  CHECK(std::isnan(boxcar(0, 0, 1)));
  CHECK_FALSE(std::isnan(boxcar(0, 0, 2)));
  CHECK_FALSE(std::isnan(boxcar(0, 0, 37)));
  CHECK(std::isnan(boxcar(0, 0, 38)));
}
