#include "config/config.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "config/keys.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

using namespace rnn_rates;
using config::Config;
using test::expect_error;

namespace {

std::filesystem::path write(const test::TemporaryFolder& folder, const std::string& text) {
  std::ofstream(folder / "a.toml") << text;
  return folder / "a.toml";
}

}  // namespace

TEST_CASE("file goes over defaults and --set over the file") {
  const test::TemporaryFolder folder;
  const auto file = write(folder, "bin_ms = 50\n[model]\nhidden_size = 12\n[train]\nweights = 'best'\n");
  const Config config = config::load(file, {"model.hidden_size = 16", "train.engine=libtorch", "seed=3"});
  CHECK(config.extract_bins.bin_ms == 50);
  CHECK(config.train_rnn.model.hidden_size == 16);
  CHECK(config.infer_write.weights == Weights::best);
  CHECK(config.execution.engine == EngineKind::libtorch);
  CHECK(config.reduce_pca.seed == 3);
  CHECK(config.train_rnn.train.steps == Config{}.train_rnn.train.steps);
}

TEST_CASE("lists may come without brackets, and hold numbers") {
  const config::Config bare = config::load({}, {"plots.units=10,31", "plots.conditions=a \"b\",c"});
  CHECK(bare.plot_rates.units == std::vector<std::string>{"10", "31"});
  CHECK(bare.plot_rates.conditions == std::vector<std::string>{"a \"b\"", "c"});
  CHECK(config::load({}, {"plots.units=[10, '31']"}).plot_rates.units == bare.plot_rates.units);
  CHECK(config::load({}, {"plots.select=losses"}).plot_rates.select == std::vector<std::string>{"losses"});
  expect_error(ErrorKind::config, {"plots.units", "a list of texts"},
               [] { config::load({}, {"plots.units=[1.5]"}); });
}

TEST_CASE("the printed configuration loads as the same configuration") {
  const test::TemporaryFolder folder;
  const Config config =
      config::load({}, {"time_lims_ms=[0, 3000.5]", "train.learning_rate=3e-4", "pca.enabled=false",
                        "plots.select=['losses']", "nwb.align_to=d\u00E9but \"1\"\n2"});
  const std::string printed = config::to_toml(config);
  CHECK(config::to_toml(config::load(write(folder, printed), {})) == printed);
  CHECK(printed.find("learning_rate = 0.0003") != std::string::npos);
}

TEST_CASE("errors in settings name place, key and what is expected") {
  const test::TemporaryFolder folder;
  const auto fails = [&](const std::string& text, const std::vector<std::string>& words) {
    const auto file = write(folder, text);
    CAPTURE(text);
    expect_error(ErrorKind::config, words, [&] { config::load(file, {}); });
  };
  fails("a = ", {"a.toml", "line 1", "not valid TOML"});
  fails("seed = 1\n[train]\nstepz = 5\n", {"a.toml", "line 3", "unknown key 'train.stepz'", "train.steps"});
  fails("seed = 1\nseed = 2\n", {"a.toml", "line 2"});
  fails("[train]\nsteps = 1.5\n", {"train.steps", "whole number"});
  fails("[train]\nsteps = -1\n", {"a.toml, line 2", "train.steps", "from 0"});
  fails("bin_ms = 'wide'\n", {"bin_ms", "a number"});
  fails("time_lims_ms = [1]\n", {"time_lims_ms", "two numbers"});
  fails("[pca]\nfit_on = 'test'\n", {"pca.fit_on", "train, all"});
  fails("[train]\ndevice = 'tpu'\n", {"train.device", "cuda:N"});
  fails("train = 3\n", {"unknown key 'train'"});
  fails("bin_ms = nan\n", {"bin_ms", "number from"});
  expect_error(ErrorKind::config, {"missing.toml"}, [&] { config::load(folder / "missing.toml", {}); });
  expect_error(ErrorKind::config, {"--set train.steps", "key=value"},
               [] { config::load({}, {"train.steps"}); });
  expect_error(ErrorKind::config, {"--set train.steps=many"}, [] { config::load({}, {"train.steps=many"}); });
  expect_error(ErrorKind::config, {"--set seed=-1", "from 0"}, [] { config::load({}, {"seed=-1"}); });
  expect_error(ErrorKind::config, {"unknown key 'steps'"}, [] { config::load({}, {"steps=5"}); });
  expect_error(ErrorKind::config, {"--set nwb.trials=", "UTF-8"}, [] {
    config::load({}, {"nwb.trials=val\xEF"
                      "dat"});
  });
}

TEST_CASE("each stage's text holds its own keys and no other stage's") {
  Config config;
  const std::string before = config::canonical_text(config, "train_rnn");
  config.extract_bins.bin_ms = 50;
  config.reduce_pca.pca.variance = 0.5;
  config.plot_rates.format = PictureFormat::svg;
  config.execution.engine = EngineKind::fused;
  CHECK(config::canonical_text(config, "train_rnn") == before);
  config.train_rnn.model.hidden_size = 9;
  CHECK(config::canonical_text(config, "train_rnn") != before);
  CHECK(config::canonical_text(config, "extract_bins").find("bin_ms = 50\n") != std::string::npos);
}

TEST_CASE("a key belongs to the stage whose struct holds it") {
  Config config;
  std::map<std::string_view, std::string> names;
  for (const config::Key& key : config::keys(config)) names[key.stage] += key.name + " ";
  CHECK(names["extract_bins"] ==
        "time_lims_ms bin_ms stim_ms regions laser from units nwb.trials nwb.align_to nwb.condition "
        "nwb.units ");
  CHECK(names["reduce_pca"] ==
        "seed fits.separate_tastes fits.separate_regions chop.window_ms chop.overlap_ms pca.enabled "
        "pca.variance pca.fit_on train.folds train.train_test_split ");
  CHECK(names["train_rnn"] ==
        "model.kind model.hidden_size model.layers model.dropout model.rank model.bidirectional train.steps "
        "train.learning_rate train.schedule train.weight_decay train.clip train.batch train.loss "
        "train.forecast_ms train.validate_every train.patience mask.block_bins mask.probability "
        "tune.trials tune.scope ");
  CHECK(names["infer_write"] ==
        "train.weights infer.combine_with infer.gains infer.baselines infer.fill_unobserved ");
  CHECK(names["plot_rates"] ==
        "plots.select plots.format plots.single_files plots.log_loss plots.condition_word plots.conditions "
        "plots.units plots.trials plots.sort_trials ");
  CHECK(names[""] == "train.engine train.device train.isa checkpoint.every_s ");
  CHECK(names.size() == 6);
}

TEST_CASE("digests do not cover what is only added to a result") {
  Config config;
  const std::string before = config::digest_text(config, "infer_write");
  config.infer_write.baselines = true;
  CHECK(config::digest_text(config, "infer_write") == before);
  CHECK(config::canonical_text(config, "infer_write") != before);
  config.infer_write.fill_unobserved = true;
  CHECK(config::digest_text(config, "infer_write") != before);
}

// What a stage sees is what its struct has: these fail to compile where another stage's settings get into it.
template <class Settings>
concept sees_mask = requires(Settings settings) {
  settings.mask;
};
template <class Settings>
concept sees_model = requires(Settings settings) {
  settings.model;
};
template <class Settings>
concept sees_seed = requires(Settings settings) {
  settings.seed;
};
template <class Settings>
concept sees_weights = requires(Settings settings) {
  settings.weights;
};
static_assert(sees_mask<config::TrainRnn> && !sees_mask<config::InferWrite> && !sees_mask<config::Execution>);
static_assert(sees_model<config::TrainRnn> && !sees_model<config::InferWrite> &&
              !sees_model<config::PlotRates>);
static_assert(sees_seed<config::ReducePca> && !sees_seed<config::TrainRnn> &&
              !sees_seed<config::ExtractBins>);
static_assert(sees_weights<config::InferWrite> && !sees_weights<config::TrainRnn>);

TEST_CASE("a stage's text gives its settings back") {
  const Config config = config::load(
      {}, {"laser=separate", "nwb.condition=odor \"a\"", "time_lims_ms=[0, 3000.5]", "model.hidden_size=7"});
  const std::string text = config::canonical_text(config, "extract_bins");
  const Config again = config::from_canonical_text(text, "bins.h5");
  CHECK(config::canonical_text(again, "extract_bins") == text);
  CHECK(again.extract_bins.laser == Laser::separate);
  CHECK(again.train_rnn.model.hidden_size == Config{}.train_rnn.model.hidden_size);
  test::expect_error(ErrorKind::config, {"bins.h5", "line 1", "unknown key 'bins'"},
                     [] { config::from_canonical_text("bins = 5\n", "bins.h5"); });
  test::expect_error(ErrorKind::bug, {"no stage", "'train'"}, [] { config::canonical_text({}, "train"); });
}

TEST_CASE("best.toml shows every key with its default") {
  std::ifstream stream(RNN_RATES_SOURCE_DIR "/configs/best.toml");
  std::ostringstream text;
  text << stream.rdbuf();
  CHECK(text.str().find(config::to_toml(Config{})) != std::string::npos);
  CHECK(config::to_toml(config::load(RNN_RATES_SOURCE_DIR "/configs/best.toml", {})) ==
        config::to_toml(Config{}));
}

TEST_CASE("causal.toml differs from the defaults in the direction and what that excludes") {
  Config causal;
  causal.train_rnn.model.bidirectional = false;
  causal.infer_write.combine_with = {};
  causal.infer_write.gains = false;
  CHECK(config::to_toml(config::load(RNN_RATES_SOURCE_DIR "/configs/causal.toml", {})) ==
        config::to_toml(causal));
}

TEST_CASE("reference.toml is the recipe of BlechRNN") {
  const Config config = config::load(RNN_RATES_SOURCE_DIR "/configs/reference.toml", {});
  const config::Model& model = config.train_rnn.model;
  const config::Train& train = config.train_rnn.train;
  CHECK(model.kind == NetworkKind::autoencoder);
  CHECK(model.hidden_size == 8);
  CHECK(config.reduce_pca.fits.separate_tastes);
  CHECK(config.reduce_pca.pca.enabled);
  CHECK(train.steps == 15000);
  CHECK(train.learning_rate == 1e-3);
  CHECK(train.schedule == Schedule::constant);
  CHECK(train.weight_decay == 0);
  CHECK(train.clip == 0);
  CHECK(train.forecast_ms == 100);
}

TEST_CASE("settings that do not go with the network are refused") {
  const auto refuse = [](const std::vector<std::string>& overrides, const std::vector<std::string>& words) {
    test::expect_error(ErrorKind::config, words, [&] { config::load({}, overrides); });
  };
  refuse({"train.forecast_ms=100"}, {"train.forecast_ms = 100", "masked_gru", "expected 0"});
  refuse({"train.loss=mse"}, {"train.loss = \"mse\"", "masked_gru", "\"poisson\""});
  refuse({"model.layers=2"}, {"model.layers = 2", "expected 1"});
  refuse({"model.kind=autoencoder_rnn"}, {"train.loss = \"poisson\"", "autoencoder_rnn", "\"mse\""});
  refuse({"model.kind=autoencoder_rnn", "train.loss=mse"}, {"train.folds = 4", "expected 1"});
  refuse({"model.kind=autoencoder_rnn", "train.loss=mse", "train.folds=1"},
         {"train.batch = 32", "expected 0"});
  refuse({"model.kind=autoencoder_rnn", "train.loss=mse", "train.folds=1", "train.batch=0", "tune.trials=4"},
         {"tune.trials = 4", "expected 0"});
  refuse({"model.bidirectional=false", "infer.combine_with=['inferred_condition', 'gaussian']"},
         {"\"gaussian\" in infer.combine_with", "looks ahead"});
  config::load({}, {"model.bidirectional=false", "infer.combine_with=['inferred_condition']"});
}

TEST_CASE("a list of choices has each of them once, in their order") {
  const auto combined_with = [](const std::string& list) {
    return config::load({}, {"infer.combine_with=" + list}).infer_write.combine_with;
  };
  CHECK(combined_with("[]").empty());
  const SomeOf<CombineWith> two = {CombineWith::gpfa, CombineWith::condition_average};
  CHECK(combined_with("['condition_average', 'gpfa', 'gpfa']") == two);
  Config config;
  config.infer_write.combine_with = two;
  CHECK(config::canonical_text(config, "infer_write").find("[\"gpfa\", \"condition_average\"]") !=
        std::string::npos);
  test::expect_error(ErrorKind::config,
                     {"infer.combine_with = \"baks\"", "plds, gpfa, gaussian, inferred_condition"},
                     [&] { combined_with("['gpfa', 'baks']"); });
  test::expect_error(ErrorKind::config, {"infer.combine_with must be a list"},
                     [&] { combined_with("true"); });
}

TEST_CASE(
    "a switch that became a list is taken where it was off, and refused by the list's name where it was on") {
  CHECK(config::load({}, {"infer.combine=false"}).infer_write.combine_with.empty());
  test::expect_error(ErrorKind::config,
                     {"--set infer.combine=true", "infer.combine is now the list infer.combine_with"},
                     [] { config::load({}, {"infer.combine=true"}); });
}
