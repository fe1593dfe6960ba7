#include "reduce_pca/run.hpp"

#include <doctest/doctest.h>

#include "artifact/bins_file.hpp"
#include "artifact/pca_file.hpp"
#include "core/random.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
namespace fs = std::filesystem;

namespace {

/// Two tastes of 6 and 5 trials, four units of two regions, 12 bins.
artifact::SessionBins small_bins() {
  artifact::SessionBins bins;
  for (int edge = 0; edge <= 12; ++edge) bins.bin_edges_ms.push_back(25.0 * edge);
  bins.stim_ms = 100;
  bins.unit_regions = {"gc", "bla", "gc", "bla"};
  bins.taste_names = {"sucrose", "water"};
  bins.taste_dig_ins = {"dig_in_0", "dig_in_1"};
  RandomStream random(2);
  for (const std::size_t trials : {6UL, 5UL}) {
    bins.counts.emplace_back(Array<std::uint16_t, 3>::Shape{trials, 4, 12});
    for (auto& count : bins.counts.back().values()) count = static_cast<std::uint16_t>(random.below(3));
  }
  return bins;
}

/// What reduce_pca makes of it under these settings.
inference::ReducedSession reduced(const fs::path& folder, const std::vector<std::string>& settings) {
  artifact::publish(folder / "bins.h5", artifact::bins, {},
                    [](h5::File& file) { artifact::write_bins(file, small_bins()); });
  run::Context context{"reduce_pca", {}, {}, ""};
  context.settings = run::Settings(config::load("", settings));
  reduce_pca::Stage stage;
  const run::SessionReport report = stage.run(context, {"session", folder, folder}, {});
  REQUIRE(report.outputs.size() == 1);
  CHECK(report.outputs[0].state == run::OutputState::computed);
  CHECK(stage.run(context, {"session", folder, folder}, {}).outputs.at(0).state ==
        run::OutputState::up_to_date);
  return artifact::read_pca(h5::File::open_read(folder / "pca.h5"));
}

}  // namespace

TEST_CASE("with folds, one fit over all tastes trains on every trial, each of which one fold holds out") {
  const test::TemporaryFolder folder;
  const inference::ReducedSession session =
      reduced(folder.path(), {"train.folds=3", "fits.separate_regions=false"});
  REQUIRE(session.fits.size() == 1);
  const inference::ReducedFit& fit = session.fits[0];
  CHECK(fit.name() == "region_all_taste_all");
  CHECK(fit.trial_taste == std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
  CHECK(fit.folds.over == neural::Folds::Over::trials);
  CHECK(fit.folds.fold == std::vector<std::uint32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1});
  CHECK(fit.train_trials.size() == 11);
  CHECK(fit.test_trials.empty());
  CHECK(session.stim_ms == 100);
}

TEST_CASE("by default each of several regions has a fit of its own") {
  const test::TemporaryFolder folder;
  const inference::ReducedSession session = reduced(folder.path(), {});
  REQUIRE(session.fits.size() == 2);
  CHECK(session.fits[0].name() == "region_bla_taste_all");
  CHECK(session.fits[0].units == std::vector<std::uint32_t>{1, 3});
  CHECK(session.fits[1].name() == "region_gc_taste_all");
}

TEST_CASE("without folds, each region and taste is split by itself and reduced by its training trials") {
  const test::TemporaryFolder folder;
  const inference::ReducedSession session =
      reduced(folder.path(), {"model.kind=autoencoder_rnn", "train.loss=mse", "train.batch=0",
                              "infer.combine_with=[]", "train.folds=1", "fits.separate_regions=true",
                              "fits.separate_tastes=true", "train.train_test_split=0.5", "pca.enabled=true"});
  REQUIRE(session.fits.size() == 4);
  const inference::ReducedFit& fit = session.fits[3];
  CHECK(fit.region == "gc");
  CHECK(fit.taste == "1");
  CHECK(fit.units == std::vector<std::uint32_t>{0, 2});
  CHECK(fit.folds.empty());
  CHECK(fit.train_trials.size() == 2);
  CHECK(fit.test_trials.size() == 3);
  // The mean count of the first unit over the training trials.
  double sum = 0;
  const artifact::SessionBins bins = small_bins();
  for (const std::uint32_t trial : fit.train_trials) {
    for (std::size_t bin = 0; bin < 12; ++bin) sum += bins.counts[1](trial, 0, bin);
  }
  CHECK(fit.mean[0] == doctest::Approx(sum / 24));
  CHECK(session.fits[0].seed != fit.seed);
}
