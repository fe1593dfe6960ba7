#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rnn_rates::config {

struct Fits {
  bool separate_tastes = false;
  bool separate_regions = false;
};

struct Nwb {
  std::string trials = "trials";
  std::string align_to = "start_time";
  std::string condition = "auto";
};

struct Chop {
  double window_ms = 0;
  double overlap_ms = 200;
};

struct Pca {
  bool enabled = false;
  double variance = 0.95;
  std::string fit_on = "train";
};

struct Model {
  std::string kind = "masked_gru";
  std::int64_t hidden_size = 32;
  std::int64_t layers = 1;
  double dropout = 0.4;
  std::int64_t rank = 32;
  bool bidirectional = true;
};

struct Train {
  std::int64_t steps = 500;
  double learning_rate = 1e-2;
  std::string schedule = "cosine";
  double weight_decay = 1e-3;
  double clip = 5;
  std::int64_t batch = 32;
  std::string loss = "poisson";
  std::int64_t folds = 4;
  double train_test_split = 0.75;
  double forecast_ms = 0;
  std::int64_t validate_every = 25;
  std::int64_t patience = 0;
  std::string weights = "best";
  std::string engine = "auto";
  std::string device = "cpu";
};

struct Mask {
  std::int64_t block_bins = 8;
  double probability = 0.25;
};

struct Infer {
  bool combine = true;
  bool baselines = false;
};

struct Checkpoint {
  double every_s = 30;
};

struct Plots {
  std::vector<std::string> select = {"losses", "mean_rates", "units", "gallery", "scores", "truth"};
  std::string format = "png";
  bool single_files = false;
  bool log_loss = true;
};

/// All settings; the initial values are the built-in defaults. keys.cpp says what each one means.
struct Config {
  std::int64_t seed = 0;
  std::array<double, 2> time_lims_ms = {1500, 4500};
  double bin_ms = 25;
  double stim_ms = 2000;
  std::string regions = "layout";
  std::string laser = "include";
  Nwb nwb;
  Fits fits;
  Chop chop;
  Pca pca;
  Model model;
  Train train;
  Mask mask;
  Infer infer;
  Checkpoint checkpoint;
  Plots plots;
};

/// Defaults, then the file's values (none if `file` is empty), then `overrides` ("key=value", the value in
/// TOML; a bare word is taken as text). Throws Error(config) naming file, line and key for an unreadable
/// file, broken TOML, an unknown key, a wrong type, a value out of range, or keys that do not go together.
Config load(const std::filesystem::path& file, const std::vector<std::string>& overrides);

/// The whole configuration as TOML, every key with its comment. Loading it gives the same configuration.
std::string to_toml(const Config& config);

/// The five programs, in the order in which they work on a session.
inline constexpr std::array<std::string_view, 5> stages = {"extract_bins", "reduce_pca", "train_rnn",
                                                           "infer_write", "plot_rates"};

/// The lines "key = value" of the keys that the stage's own computation depends on. Two configurations with
/// equal text give equal results from equal inputs. Throws Error(bug) for an unknown stage.
std::string canonical_text(const Config& config, std::string_view stage);

}  // namespace rnn_rates::config
