#include "artifact/rates_file.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "artifact/artifact.hpp"
#include "artifact/columns_file.hpp"
#include "artifact/knowledge_file.hpp"
#include "artifact/scores_file.hpp"
#include "h5/dataset.hpp"
#include "h5/strings.hpp"
#include "support/expect_error.hpp"
#include "support/leaks.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using inference::FitResult;
using inference::Method;

namespace {

/// Different values in every element.
template <class T>
Array<T, 3> counted(std::size_t a, std::size_t b, std::size_t c) {
  Array<T, 3> array({a, b, c});
  for (std::size_t i = 0; i < array.size(); ++i) array.values()[i] = static_cast<T>(i) / 2;
  return array;
}

/// A fit with every part that there can be: two trials, three units, four bins, two factors.
FitResult full_fit() {
  FitResult fit;
  fit.rates = {.region = "x_taste_y",
               .taste = "1",
               .pred_firing = counted<double>(2, 3, 4),
               .rate_hz = counted<float>(2, 3, 4),
               .latents = counted<float>(2, 2, 4),
               .pred_x = {0, 25, 50, 75},
               .time_ms = {-37.5, -12.5, 12.5, 37.5},
               .units = {4, 5, 6},
               .trial_taste = {1, 1},
               .test_trials = {}};
  fit.rates.folds = inference::FoldRates{{.fold = {1, 0}}, counted<float>(2, 3, 4), counted<float>(2, 3, 4)};
  fit.rates.readout = inference::Readout{Array<float, 2>({2, 3}, 0.5F), {1, 2, 3}};
  fit.rates.gain = Array<double, 2>({fit.rates.rate_hz.extent(0), fit.rates.rate_hz.extent(1)}, 1.25);
  fit.rates.mixture = inference::Mixture{{Method::rnn, Method::gpfa}, {0.75, 0.25}, -0.5};
  fit.rates.calibration = neural::Calibration{{1, 2}, {1.5, 2.5}, {0.25, 0.5}};
  fit.table = {.fit = fit.rates.name(),
               .methods = {{Method::combined, 0.5, 0.01, 0.375, 0.02, 0.25, {1, 2, 3}, {7, 8}},
                           {Method::boxcar, 0.125, 0.03, 0, 0, 0, {4, 5, 6}, {9, 10}}}};
  fit.metrics = {{fit.rates.name(), "bits", "what they say", "bits", 0.25}};
  fit.verdict = {fit.rates.name(), inference::Verdict::use_with_care, "Twelve trials are few."};
  fit.baselines_hz.emplace()[Method::boxcar] = counted<float>(2, 3, 4);
  fit.scope = inference::FitScope{.of_some_conditions = true, .window_ms = 100, .network_future_ms = 50};
  return fit;
}

/// A fit of the autoencoder.
FitResult plain_fit() {
  FitResult fit;
  fit.rates = {.region = "all",
               .taste = "all",
               .pred_firing = counted<double>(1, 3, 4),
               .rate_hz = counted<float>(1, 3, 4),
               .latents = counted<float>(1, 5, 4),
               .test_trials = {0}};
  fit.verdict.fit = fit.rates.name();
  return fit;
}

std::string write(const std::filesystem::path& path, const std::vector<FitResult>& fits) {
  return artifact::publish(path, artifact::rates, {}, [&](h5::File& file) {
    for (const FitResult& fit : fits) artifact::write_fit(file, fit);
    artifact::write_session(file, {}, {{"session", "true_r2_published", "R2", "1", 0.5}});
  });
}

}  // namespace

TEST_CASE("all parts of a fit's rates come back, its region and taste too whatever they are called") {
  const test::TemporaryFolder folder;
  write(folder / "rates.h5", {full_fit(), plain_fit()});
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  const std::vector<inference::FitRates> found = artifact::read_rates(file);
  REQUIRE(found.size() == 2);
  const inference::FitRates &plain = found[0], &full = found[1], expected = full_fit().rates;
  CHECK(full.region == "x_taste_y");
  CHECK(full.taste == "1");
  CHECK(full.pred_firing == expected.pred_firing);
  CHECK(full.rate_hz == expected.rate_hz);
  CHECK(full.latents == expected.latents);
  CHECK(full.pred_x == expected.pred_x);
  CHECK(full.units == expected.units);
  REQUIRE(full.folds);
  CHECK(full.folds->folds == expected.folds->folds);
  CHECK(full.folds->rate_standard_error_hz == expected.folds->rate_standard_error_hz);
  REQUIRE(full.readout);
  CHECK(full.readout->loadings == expected.readout->loadings);
  CHECK(full.gain == expected.gain);
  REQUIRE(full.mixture);
  CHECK(full.mixture->methods == expected.mixture->methods);
  CHECK(full.mixture->shift == -0.5);
  REQUIRE(full.calibration);
  CHECK(full.calibration->predicted_hz == expected.calibration->predicted_hz);
  CHECK(full.calibration->counted_hz == expected.calibration->counted_hz);
  CHECK(full.calibration->counted_standard_error_hz == expected.calibration->counted_standard_error_hz);
  CHECK(plain.latents == plain_fit().rates.latents);
  CHECK_FALSE(plain.folds);
  CHECK_FALSE(plain.readout);
  CHECK(plain.gain.size() == 0);
  CHECK_FALSE(plain.mixture);
  CHECK_FALSE(plain.calibration);
}

TEST_CASE("latent factors stand in the file as the Python program has them, bins first") {
  const test::TemporaryFolder folder;
  write(folder / "rates.h5", {full_fit()});
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  const std::string group = "/rnn_output/regions/region_x_taste_y_taste_1/";
  const auto latent_out = h5::read_array<float, 3>(file, group + "latent_out");
  const auto factors = h5::read_array<float, 3>(file, group + "latent_factors");
  REQUIRE(latent_out.shape() == Array<float, 3>::Shape{4, 2, 2});
  CHECK(factors == full_fit().rates.latents);
  for (std::size_t bin = 0; bin < 4; ++bin) {
    for (std::size_t factor = 0; factor < 2; ++factor)
      CHECK(latent_out(bin, 1, factor) == factors(1, factor, bin));
  }
}

TEST_CASE("tables and metrics come back with the fits that they speak of") {
  const test::TemporaryFolder folder;
  write(folder / "rates.h5", {full_fit(), plain_fit()});
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  const std::vector<inference::ScoreTable> tables = artifact::read_score_tables(file);
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].fit == "region_x_taste_y_taste_1");
  REQUIRE(tables[0].methods.size() == 2);
  CHECK(tables[0].methods[1].method == Method::boxcar);
  CHECK(tables[0].methods[0].co_bits_per_spike == 0.25);
  CHECK(tables[0].methods[0].standard_error == 0.01);
  CHECK(tables[0].methods[0].bits_over_best_simple == 0.375);
  CHECK(tables[0].methods[0].over_best_simple_standard_error == 0.02);
  CHECK(tables[0].methods[1].per_unit == std::vector<double>{4, 5, 6});
  CHECK(tables[0].methods[1].per_fold == std::vector<double>{9, 10});
  const std::vector<inference::Metric> metrics = artifact::read_metrics(file);
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[0].fit == "region_x_taste_y_taste_1");
  CHECK(metrics[1].name == "true_r2_published");
  const std::vector<inference::FitVerdict> verdicts = artifact::read_verdicts(file);
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].fit == "region_all_taste_all");
  CHECK(verdicts[1].verdict == inference::Verdict::use_with_care);
  CHECK(verdicts[1].why == "Twelve trials are few.");
  const std::vector<artifact::FitFolds> fits = artifact::rates_fits(file);
  CHECK(fits[0].folds == 1);
  CHECK(fits[1].folds == 2);
}

TEST_CASE("each dataset of rates or factors says what it is made from") {
  const test::TemporaryFolder folder;
  write(folder / "rates.h5", {full_fit(), plain_fit()});
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  const inference::Knowledge network{.condition_label = true, .future_ms = 50, .own_spikes = true},
      with_gpfa{.condition_label = true, .future_ms = 100, .own_spikes = true};
  const std::string group = "/rnn_output/regions/region_x_taste_y_taste_1/";
  for (const char* name : {"pred_firing", "rate_hz", "rate_out_of_fold_hz", "rate_standard_error_hz"})
    CHECK(artifact::read_knowledge(file, group + name) == with_gpfa);
  for (const char* name : {"latent_out", "latent_factors"})
    CHECK(artifact::read_knowledge(file, group + name) == network);
  CHECK(artifact::read_knowledge(file, "/baselines/region_x_taste_y_taste_1/boxcar_250ms") ==
        inference::Knowledge{.future_ms = 100, .own_spikes = true});
  CHECK_FALSE(artifact::read_knowledge(file, group + "time_ms"));
  // Files of before say nothing.
  CHECK_FALSE(artifact::read_knowledge(file, "/rnn_output/regions/region_all_taste_all/rate_hz"));
  CHECK(artifact::read_knowledge_of_fits(file).size() == 7);
}

TEST_CASE("the leak test comes back, and nothing where it was not run") {
  const test::TemporaryFolder folder;
  const inference::LeakTest test{
      .before_ms = {-500, -250},
      .after_ms = {0, 1000},
      .trials = 12,
      .conditions = 3,
      .chance = 0.5,
      .joint_regions = true,
      .conditions_told = {{inference::Teller::counts, 0.25, 0.5},
                          {inference::Teller::rate_hz, 1, 0.75, 0.005}},
      .correlations = {{inference::Teller::rate_out_of_fold_hz, "bla", "gc", 0.5, 0.25}}};
  artifact::publish(folder / "rates.h5", artifact::rates, {},
                    [&](h5::File& file) { artifact::write_leak_test(file, test); });
  const auto found = artifact::read_leak_test(h5::File::open_read(folder / "rates.h5"));
  REQUIRE(found);
  CHECK(found->before_ms == test.before_ms);
  CHECK(found->after_ms == test.after_ms);
  CHECK(found->trials == 12);
  CHECK(found->conditions == 3);
  CHECK(found->chance == 0.5);
  REQUIRE(found->conditions_told.size() == 2);
  CHECK(found->conditions_told[0].teller == inference::Teller::counts);
  CHECK(std::isnan(found->conditions_told[0].p_value));
  CHECK(found->conditions_told[1].accuracy_before == 1);
  CHECK(found->conditions_told[1].accuracy_after == 0.75);
  CHECK(test::tells_condition(*found));
  REQUIRE(found->correlations.size() == 1);
  CHECK(found->correlations[0].teller == inference::Teller::rate_out_of_fold_hz);
  CHECK(found->correlations[0].first == "bla");
  CHECK(found->correlations[0].second == "gc");
  CHECK(found->correlations[0].correlation == 0.5);
  CHECK(found->correlations[0].p_value == 0.25);
  CHECK_FALSE(test::couples_regions(*found));
  write(folder / "without.h5", {plain_fit()});
  CHECK_FALSE(artifact::read_leak_test(h5::File::open_read(folder / "without.h5")));
}

TEST_CASE("fits copied one by one from files of their own make the same file") {
  const test::TemporaryFolder folder;
  const std::vector<FitResult> fits = {full_fit(), plain_fit()};
  const std::string digest = write(folder / "at_once.h5", fits);
  std::vector<std::function<void(h5::File&)>> parts;
  for (const FitResult& fit : fits) {
    const std::string name = fit.rates.name();
    const auto path = folder / (name + ".part");
    artifact::publish(path, artifact::rates_part, {},
                      [&](h5::File& file) { artifact::write_fit(file, fit); });
    parts.emplace_back([=](h5::File& file) { artifact::copy_fit(h5::File::open_read(path), name, file); });
  }
  parts.emplace_back([](h5::File& file) {
    artifact::write_session(file, {}, {{"session", "true_r2_published", "R2", "1", 0.5}});
  });
  const std::string found = artifact::publish_in_parts(folder / "parts.h5", artifact::rates, {}, parts);
  CHECK(found == digest);
  const artifact::Opened opened = artifact::open(folder / "parts.h5", artifact::rates);
  CHECK(artifact::content_digest(opened.file) == digest);
  CHECK(artifact::read_fit_rates(opened.file, full_fit().rates.name()).rate_hz == full_fit().rates.rate_hz);
}

TEST_CASE("a method that this version does not know is an input error") {
  const test::TemporaryFolder folder;
  artifact::publish(folder / "rates.h5", artifact::rates, {}, [](h5::File& file) {
    FitResult fit = full_fit();
    artifact::write_fit(file, fit);
    h5::remove(file, "/scores/region_x_taste_y_taste_1/methods");
    h5::write_vector<std::uint8_t>(file, "/scores/region_x_taste_y_taste_1/methods",
                                   std::vector<std::uint8_t>{1, 2}, {"no texts", "method", "1"});
  });
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  test::expect_error(ErrorKind::input, {"/scores/region_x_taste_y_taste_1/methods"},
                     [&] { artifact::read_score_tables(file); });
}

TEST_CASE("rates stand beside the rows, times and tastes of their trials and the regions of their units") {
  const test::TemporaryFolder folder;
  artifact::SessionBins bins;
  bins.taste_names = {"water", "quinine"};
  bins.unit_regions = {"a", "b", "c", "d", "e", "f", "g"};
  bins.counts = {Array<std::uint16_t, 3>({3, 7, 1}), Array<std::uint16_t, 3>({2, 7, 1})};
  bins.trial_columns = {{"row", std::vector<std::int64_t>{0, 3, 4, 1, 2}},
                        {"side", std::vector<std::string>{"l", "r", "l", "r", "l"}}};
  const auto write = [&](const std::string& name) {
    h5::File file = h5::File::create(folder / name);
    artifact::write_fit(file, full_fit());
    artifact::write_labels(file, full_fit().rates.name(), bins);
    artifact::write_session(file, bins, {});
    return file;
  };
  const std::string group = "/rnn_output/regions/" + full_fit().rates.name() + "/";
  CHECK_FALSE(h5::exists(write("no_times.h5"), group + "trial_time_s"));
  bins.trial_time_s = {10, 11, 12, 13, 14};
  const h5::File file = write("rates.h5");
  CHECK(h5::read_vector<std::uint32_t>(file, group + "trials") == std::vector<std::uint32_t>{3, 4});
  CHECK(h5::read_vector<std::int64_t>(file, group + "trial_row") == std::vector<std::int64_t>{1, 2});
  CHECK(h5::read_vector<double>(file, group + "trial_time_s") == std::vector<double>{13, 14});
  CHECK(h5::read_strings(file, group + "trial_taste_name") == std::vector<std::string>{"quinine", "quinine"});
  CHECK(h5::read_strings(file, group + "unit_region") == std::vector<std::string>{"e", "f", "g"});
  CHECK(h5::read_vector<double>(file, "/trials/time_s") == bins.trial_time_s);
  CHECK(artifact::read_columns(file, artifact::about_trials).at("side") == bins.trial_columns.at("side"));
}

TEST_CASE("a verdict that this version does not know is an input error") {
  const test::TemporaryFolder folder;
  artifact::publish(folder / "rates.h5", artifact::rates, {}, [](h5::File& file) {
    const std::vector<std::string> texts = {"splendid", "It is."};
    h5::write_strings(file, "/verdicts/fit", texts, {"verdict", "label", "1"});
  });
  const h5::File file = h5::File::open_read(folder / "rates.h5");
  test::expect_error(ErrorKind::input, {"/verdicts/fit"}, [&] { artifact::read_verdicts(file); });
}
