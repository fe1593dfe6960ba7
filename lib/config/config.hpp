#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/choices.hpp"

namespace rnn_rates::config {

struct Nwb {
  std::string trials = "trials";
  std::string align_to = "start_time";
  std::string condition = "auto";
  std::string units = "/units";
};

/// The settings that bins.h5 depends on. Of this struct and those below it, the code of `stage` sees one and
/// its digest covers all of it. The initial values are the built-in defaults; keys.cpp says what each means.
struct ExtractBins {
  static constexpr std::string_view stage = "extract_bins";
  std::array<double, 2> time_lims_ms = {1500, 4500};
  double bin_ms = 25;
  double stim_ms = 2000;
  Regions regions = Regions::layout;
  Laser laser = Laser::include;
  SpikesFrom from = SpikesFrom::automatic;
  std::string units;
  Nwb nwb;
};

struct Fits {
  bool separate_tastes = false;
  bool separate_regions = true;
};

struct Chop {
  double window_ms = 0;
  double overlap_ms = 200;
};

struct Pca {
  bool enabled = false;
  double variance = 0.95;
  FitOn fit_on = FitOn::train;
};

/// The settings that pca.h5 depends on.
struct ReducePca {
  static constexpr std::string_view stage = "reduce_pca";
  std::int64_t seed = 0;
  Fits fits;
  Chop chop;
  Pca pca;
  std::int64_t folds = 4;
  double train_test_split = 0.75;
};

struct Model {
  NetworkKind kind = NetworkKind::masked_gru;
  std::int64_t hidden_size = 32;
  std::int64_t layers = 1;
  double dropout = 0.4;
  std::int64_t rank = 32;
  bool bidirectional = true;
};

struct Train {
  std::int64_t steps = 0;
  double learning_rate = 1e-2;
  Schedule schedule = Schedule::cosine;
  double weight_decay = 1e-3;
  double clip = 5;
  std::int64_t batch = 32;
  Loss loss = Loss::poisson;
  double forecast_ms = 0;
  std::int64_t validate_every = 25;
  std::int64_t patience = 0;
};

struct Mask {
  std::int64_t block_bins = 8;
  double probability = 0.25;
};

/// Whose networks settings are tuned by: those of a session, or of all sessions of the run.
enum class TuneScope : std::uint8_t { session, dataset };

struct Tune {
  std::int64_t trials = 0;
  TuneScope scope = TuneScope::session;
};

/// The settings that models depend on.
struct TrainRnn {
  static constexpr std::string_view stage = "train_rnn";
  Model model;
  Train train;
  Mask mask;
  Tune tune;
};

/// The settings that rates.h5 depends on.
struct InferWrite {
  static constexpr std::string_view stage = "infer_write";
  Weights weights = Weights::best;
  SomeOf<CombineWith> combine_with = {CombineWith::plds, CombineWith::gaussian,
                                      CombineWith::inferred_condition};
  bool gains = true;
  bool baselines = false;  ///< adds to rates that it leaves as they are: not in digest_text()
  bool fill_unobserved = false;
};

/// The settings that figures and pages depend on.
struct PlotRates {
  static constexpr std::string_view stage = "plot_rates";
  std::vector<std::string> select = {"losses", "mean_rates", "units", "gallery", "scores", "truth"};
  PictureFormat format = PictureFormat::png;
  bool single_files = false;
  bool log_loss = true;
  std::string condition_word = "taste";
  std::vector<std::string> conditions, units, trials;
  std::string sort_trials = "number";
};

/// How a run is carried out: every stage sees it and no digest covers it.
struct Execution {
  static constexpr std::string_view stage = "";
  EngineKind engine = EngineKind::automatic;
  std::string device = "cpu";
  Isa isa = Isa::automatic;
  double checkpoint_every_s = 30;
};

struct Config {
  ExtractBins extract_bins;
  ReducePca reduce_pca;
  TrainRnn train_rnn;
  InferWrite infer_write;
  PlotRates plot_rates;
  Execution execution;

  auto parts() const {
    return std::tie(extract_bins, reduce_pca, train_rnn, infer_write, plot_rates, execution);
  }
};

/// The five programs, in the order in which they work on a session.
inline constexpr std::array<std::string_view, 5> stages = {
    ExtractBins::stage, ReducePca::stage, TrainRnn::stage, InferWrite::stage, PlotRates::stage};

/// Defaults, then the file's values (none if `file` is empty), then `overrides` ("key=value", the value in
/// TOML; a bare word is taken as text). Throws Error(config) naming file, line and key for an unreadable
/// file, broken TOML, an unknown key, a wrong type, a value out of range, or keys that do not go together.
Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides);

/// The whole configuration as TOML, every key with its comment. Loading it gives the same configuration.
std::string to_toml(const Config& config);

/// The settings of `stage` as lines "key = value". Equal text gives equal results from equal inputs. Throws
/// Error(bug) for an unknown stage.
std::string canonical_text(const Config& config, std::string_view stage);

/// Those of them that decide what is computed, not what is added to it: what digests cover.
std::string digest_text(const Config& config, std::string_view stage);

/// What canonical_text() was made of, defaults elsewhere. Throws Error(config), naming `source`.
Config from_canonical_text(const std::string& text, const std::string& source);

}  // namespace rnn_rates::config

namespace rnn_rates {
template <>
inline constexpr auto words_of<config::TuneScope> = words("session", "dataset");
}
