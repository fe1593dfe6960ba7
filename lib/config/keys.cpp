#include "config/keys.hpp"

namespace rnn_rates::config {
namespace {

constexpr double whole = 1e15;

std::vector<Key> session_keys(Config& c) {
  return {
      {"seed", "reduce_pca", "every random number derives from it; 0 or more", &c.seed, 0, whole, {}},
      {"time_lims_ms",
       "extract_bins",
       "window, ms from the start of the spike array",
       &c.time_lims_ms,
       0,
       1e9,
       {}},
      {"bin_ms", "extract_bins", "width of a bin, whole ms", &c.bin_ms, 1, 1e6, {}},
      {"stim_ms", "extract_bins", "stimulus, ms from the start of the spike array", &c.stim_ms, 0, 1e9, {}},
      {"regions",
       "extract_bins",
       "\"layout\": from the recording's electrodes; \"all\": one region",
       &c.regions,
       0,
       0,
       {"layout", "all"}},
      {"fits.separate_tastes",
       "reduce_pca",
       "one network a taste; false: one for all tastes",
       &c.fits.separate_tastes,
       0,
       0,
       {}},
      {"fits.separate_regions",
       "reduce_pca",
       "one network a region; false: one for all units",
       &c.fits.separate_regions,
       0,
       0,
       {}},
  };
}

std::vector<Key> reduction_keys(Config& c) {
  return {
      {"pca.enabled", "reduce_pca", "false: the network sees z-scored units", &c.pca.enabled, 0, 0, {}},
      {"pca.variance",
       "reduce_pca",
       "share of the variance that the components keep, 0 to 1",
       &c.pca.variance,
       1e-9,
       1 - 1e-9,
       {}},
      {"pca.fit_on",
       "reduce_pca",
       "trials that scaler and PCA learn from: \"train\" or \"all\"",
       &c.pca.fit_on,
       0,
       0,
       {"train", "all"}},
      {"model.kind", "train_rnn", "the network", &c.model.kind, 0, 0, {"autoencoder_rnn"}},
      {"model.hidden_size", "train_rnn", "recurrent units a layer", &c.model.hidden_size, 1, 4096, {}},
      {"model.layers", "train_rnn", "recurrent layers", &c.model.layers, 1, 16, {}},
      {"model.dropout",
       "train_rnn",
       "share of values dropped in training, 0 to below 1",
       &c.model.dropout,
       0,
       0.999,
       {}},
  };
}

std::vector<Key> training_keys(Config& c) {
  return {
      {"train.steps", "train_rnn", "most training steps", &c.train.steps, 1, 1e9, {}},
      {"train.learning_rate", "train_rnn", "of Adam", &c.train.learning_rate, 1e-12, 10, {}},
      {"train.train_test_split",
       "reduce_pca",
       "share of each taste's trials that train, the rest validates",
       &c.train.train_test_split,
       1e-6,
       1,
       {}},
      {"train.forecast_ms", "train_rnn", "forecast horizon, whole bins", &c.train.forecast_ms, 0, 1e6, {}},
      {"train.validate_every",
       "train_rnn",
       "steps from one validation to the next",
       &c.train.validate_every,
       1,
       1e9,
       {}},
      {"train.patience",
       "train_rnn",
       "validations without gain before an early stop; 0: never",
       &c.train.patience,
       0,
       1e9,
       {}},
      {"train.weights",
       "infer_write",
       "weights that infer: \"last\" or \"best\" (lowest validation loss)",
       &c.train.weights,
       0,
       0,
       {"last", "best"}},
      {"train.engine",
       "",
       "\"auto\", \"fused\" (CPU) or \"libtorch\" (any device)",
       &c.train.engine,
       0,
       0,
       {"auto", "fused", "libtorch"}},
      {"train.device", "", "\"cpu\", \"cuda\" or \"cuda:N\"", &c.train.device, 0, 0, {}},
      {"checkpoint.every_s",
       "",
       "seconds from one checkpoint of a fit to the next",
       &c.checkpoint.every_s,
       0,
       1e9,
       {}},
      {"plots.select",
       "plot_rates",
       "figures to draw: losses, units, mean_rates, truth",
       &c.plots.select,
       0,
       0,
       {"losses", "units", "mean_rates", "truth"}},
      {"plots.format",
       "plot_rates",
       "\"png\", \"svg\" or \"pdf\"",
       &c.plots.format,
       0,
       0,
       {"png", "svg", "pdf"}},
  };
}

}  // namespace

std::vector<Key> keys(Config& config) {
  std::vector<Key> all = session_keys(config);
  for (Key& key : reduction_keys(config)) all.push_back(std::move(key));
  for (Key& key : training_keys(config)) all.push_back(std::move(key));
  return all;
}

}  // namespace rnn_rates::config
