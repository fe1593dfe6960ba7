#include <doctest/doctest.h>

#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "artifact/rates_file.hpp"
#include "infer_write/infer_fits.hpp"
#include "infer_write/parts.hpp"
#include "infer_write/run.hpp"
#include "inference/leak_test.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using inference::Method;
namespace fs = std::filesystem;

namespace {

/// A session whose fit has two networks, which answer 1 and 4 spikes per bin.
class Session {
 public:
  Session() {
    const inference::FitData data = inference::small_fit();
    fs::create_directories(folder().models());
    artifact::SessionBins bins;
    bins.bin_edges_ms = data.grid.edges_ms();
    bins.stim_ms = data.grid.stim_ms;
    bins.unit_regions = {"gc", "gc", "gc"};
    bins.taste_names = {"sucrose", "water"};
    bins.taste_dig_ins = {"dig_in_0", "dig_in_1"};
    // Trials stand in taste order, four of each.
    for (const std::size_t first : {0UL, 4UL}) {
      const std::uint16_t* from = &data.counts(first, 0, 0);
      bins.counts.push_back({{4, 3, 20}, {from, from + 4 * 3 * 20}});
    }
    bins.true_rate_hz = Array<float, 3>({8, 3, 20}, 80.0F);
    (*bins.true_rate_hz)(0, 0, 0) = 90.0F;
    publish(folder().bins(), artifact::bins, {}, [&](h5::File& file) { artifact::write_bins(file, bins); });

    inference::ReducedFit fit = data.fit;
    fit.mean = fit.scale = {1, 1, 1};
    fit.basis = Array<double, 2>({1, 3}, {1, 0, 0});
    fit.explained_variance_ratio = {1};
    fit.scores = Array<float, 3>({8, 20, 1});
    publish(folder().pca(), artifact::pca, {input(folder().bins(), artifact::bins)}, [&](h5::File& file) {
      artifact::write_pca(file, {bins.bin_edges_ms, bins.stim_ms, {fit}});
    });
    for (const int fold : {0, 1}) {
      publish(folder().model(fmt::format("region_all_taste_all_fold_{}", fold)), artifact::model,
              {input(folder().pca(), artifact::pca)}, [&](h5::File& file) {
                artifact::write_model(file, inference::constant_gru(fold == 0 ? 1 : 4));
              });
    }
  }

  run::SessionFolder folder() const { return {"session", folder_.path(), folder_ / "out"}; }
  run::SessionReport infer(const std::vector<std::string>& settings) const {
    run::Context context{"infer_write", {}, {}, ""};
    context.options.threads = 2;
    context.settings = run::Settings(config::load("", settings));
    const infer_write::Options options;
    return infer_write::Stage(options).run(context, folder(), {});
  }
  h5::File rates() const { return h5::File::open_read(folder().rates()); }

 private:
  static artifact::Input input(const fs::path& path, const artifact::Kind& kind) {
    return artifact::open(path, kind).as_input(kind);
  }
  template <class Fill>
  static void publish(const fs::path& path, const artifact::Kind& kind, std::vector<artifact::Input> inputs,
                      Fill&& fill) {
    artifact::publish(path, kind, {.inputs = std::move(inputs)}, fill);
  }

  test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the network's rates, metrics and score are written where nothing is combined") {
  const Session session;
  const run::SessionReport report = session.infer({"infer.combine_with=[]", "infer.gains=false"});
  CHECK(report.outputs.at(0).state == run::OutputState::computed);
  const std::vector<inference::FitRates> fits = artifact::read_rates(session.rates());
  REQUIRE(fits.size() == 1);
  CHECK(fits[0].region == "all");
  CHECK_FALSE(fits[0].mixture);
  CHECK(fits[0].rate_hz(3, 1, 4) == doctest::Approx(80).epsilon(1e-4));
  CHECK(fits[0].folds->rate_out_of_fold_hz(2, 0, 0) == doctest::Approx(40).epsilon(1e-4));
  const std::vector<inference::ScoreTable> tables = artifact::read_score_tables(session.rates());
  REQUIRE(tables.size() == 1);
  CHECK(tables[0].methods.size() == 3);
  CHECK(inference::published(tables[0])->method == Method::rnn);
  // One of 480 true rates is 10 Hz off: R2 = 1 - 100 / (100 - 100 / 160).
  REQUIRE(report.scores);
  std::vector<inference::Metric> metrics = report.scores->metrics;
  const auto is_of_leak_test = [](const inference::Metric& each) {
    return each.fit == inference::leak_test_name;
  };
  CHECK(std::erase_if(metrics, is_of_leak_test) == 8);
  const auto metric = [&](const std::string& name) {
    return *std::find_if(metrics.begin(), metrics.end(),
                         [&](const inference::Metric& each) { return each.name == name; });
  };
  CHECK(metrics.size() == 10);
  // Networks that know nothing of the spikes.
  REQUIRE(report.scores->verdicts.size() == 1);
  CHECK(report.scores->verdicts[0].verdict == inference::Verdict::do_not_use);
  CHECK(metric("bits_per_hidden_spike").value == inference::published(tables[0])->bits_per_hidden_spike);
  CHECK(metric("true_r2_published").value == doctest::Approx(1 - 100 / (100 - 100.0 / 160)).epsilon(1e-3));
  CHECK(session.infer({"infer.combine_with=[]", "infer.gains=false"}).outputs.at(0).state ==
        run::OutputState::up_to_date);
}

TEST_CASE("by default rates are combined, and only baselines that are asked for are ranked and written") {
  const Session session;
  session.infer({});
  inference::FitRates rates = artifact::read_rates(session.rates()).at(0);
  REQUIRE(rates.mixture);
  CHECK(rates.mixture->methods ==
        std::vector{Method::rnn, Method::plds, Method::gaussian, Method::inferred_condition});
  // The third unit has no spikes and keeps the network's rate.
  CHECK(rates.rate_hz(0, 2, 0) == doctest::Approx(80).epsilon(1e-4));
  CHECK(artifact::read_score_tables(session.rates()).at(0).methods.size() == 6);
  CHECK_FALSE(h5::exists(session.rates(), "/baselines"));

  session.infer({"infer.baselines=true"});
  CHECK(artifact::read_score_tables(session.rates()).at(0).methods.size() == 9);
  CHECK(h5::children(session.rates(), "/baselines/region_all_taste_all").size() == 7);
  CHECK(artifact::read_rates(session.rates()).at(0).rate_hz == rates.rate_hz);
  // Where they are not asked for they stay, and what is there is enough where they are.
  CHECK(session.infer({}).outputs.at(0).state == run::OutputState::up_to_date);
  CHECK(session.infer({"infer.baselines=true"}).outputs.at(0).state == run::OutputState::up_to_date);
  CHECK(h5::exists(session.rates(), "/baselines"));
}

TEST_CASE("what a stop has left of a fit, and a finished fit, are found again until the rates are written") {
  const Session session;
  const run::SessionFolder folder = session.folder();
  run::Context context{"infer_write", {}, {}, ""};
  inference::Predictions predictions;
  predictions.methods[Method::gaussian].blocks = {Array<float, 3>({1, 1, 2}, 3.5F), 2};
  const infer_write::Parts parts(context, folder, {});
  CHECK(parts.begun("a").empty());
  CHECK_FALSE(parts.is_finished("region_all_taste_0"));
  parts.keep("a", predictions);
  const inference::Predictions found = parts.begun("a");
  REQUIRE(found.methods.contains(Method::gaussian));
  CHECK(found.methods.at(Method::gaussian).blocks.rate_hz(0, 0, 1) == 3.5F);
  CHECK(found.methods.at(Method::gaussian).blocks.parts == 2);

  inference::FitResult result;
  result.rates.region = "all";
  result.rates.taste = "0";
  result.rates.rate_hz = Array<float, 3>({1, 1, 2}, 2.5F);
  result.verdict.fit = result.rates.name();
  parts.finish(result);
  CHECK(parts.is_finished("region_all_taste_0"));
  const artifact::Opened part = parts.open("region_all_taste_0");
  CHECK(artifact::read_fit_rates(part.file, "region_all_taste_0").rate_hz == result.rates.rate_hz);
  CHECK_FALSE(infer_write::Parts(context, folder, {}, true).is_finished("region_all_taste_0"));
  const infer_write::Parts of_other_settings(context, folder, {.config_text = "other"});
  CHECK_FALSE(of_other_settings.is_finished("region_all_taste_0"));

  fs::rename(folder.rates_part("region_all_taste_0"), folder.rates_part("b"));
  test::expect_error(ErrorKind::input, {".b.part", "region_all_taste_0", "expected b"},
                     [&] { static_cast<void>(parts.is_finished("b")); });
  session.infer({});
  CHECK_FALSE(fs::exists(folder.rates_part("b")));
  CHECK_FALSE(fs::exists(folder.rates_checkpoint("a")));
}
