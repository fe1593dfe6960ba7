#include "config/keys.hpp"

#include <cstddef>
#include <functional>

namespace rnn_rates::config {
namespace {

constexpr double whole = 1e15;

template <class Choice>
ChoiceSlot choice(Choice& value) {
  static_assert(std::is_same_v<std::underlying_type_t<Choice>, unsigned char>);
  return {reinterpret_cast<unsigned char*>(&value), words_of<Choice>};
}

template <class Choice>
ChoicesSlot choices(SomeOf<Choice>& value) {
  return {&value.bits, words_of<Choice>};
}

std::vector<Key> session_keys(ExtractBins& bins, ReducePca& reduce) {
  return {
      {"seed", "every random number derives from it; 0 or more", &reduce.seed, 0, whole},
      {"time_lims_ms", "window, ms from the start of the spike array", &bins.time_lims_ms, 0, 1e9},
      {"bin_ms", "width of a bin, whole ms", &bins.bin_ms, 1, 1e6},
      {"stim_ms", "stimulus, ms from the start of the spike array", &bins.stim_ms, 0, 1e9},
      {"regions", "\"layout\": from the recording's electrodes; \"all\": one region", choice(bins.regions)},
      {"laser",
       "trials with laser: \"include\", \"exclude\", \"separate\" networks; \"input\": told the networks",
       choice(bins.laser)},
      {"from", "\"auto\": spike arrays if there are any; \"spike_times\": cut anew from /sorted_units",
       choice(bins.from)},
      {"units", "which units, as in \"quality == 'good' and snr > 4\"; \"\": all", &bins.units},
      {"nwb.trials", "of NWB files: table of trials in /intervals", &bins.nwb.trials},
      {"nwb.align_to", "its column with the stimulus, in seconds", &bins.nwb.align_to},
      {"nwb.condition", "its column of tastes; \"auto\": a usual name; \"none\": one taste",
       &bins.nwb.condition},
      {"nwb.units", "of NWB files: path of the table of units", &bins.nwb.units},
      {"fits.separate_tastes", "one network per taste; false: one for all tastes",
       &reduce.fits.separate_tastes},
      {"fits.separate_regions", "one network per region; false: one for all units",
       &reduce.fits.separate_regions},
  };
}

std::vector<Key> reduction_keys(ReducePca& reduce) {
  return {
      {"chop.window_ms", "networks read trials in stretches this long, whole bins; 0: whole",
       &reduce.chop.window_ms, 0, 1e9},
      {"chop.overlap_ms", "what a stretch shares with the next, where rates are cross-faded",
       &reduce.chop.overlap_ms, 0, 1e9},
      {"pca.enabled", "false: the network sees z-scored units", &reduce.pca.enabled},
      {"pca.variance", "share of the variance that the components keep, 0 to 1", &reduce.pca.variance, 1e-9,
       1 - 1e-9},
      {"pca.fit_on", "trials that scaler and PCA learn from: \"train\" or \"all\"",
       choice(reduce.pca.fit_on)},
  };
}

std::vector<Key> model_keys(Model& model) {
  return {
      {"model.kind", "\"masked_gru\", or \"autoencoder_rnn\" as BlechRNN", choice(model.kind)},
      {"model.hidden_size", "recurrent units, of each layer or direction", &model.hidden_size, 1, 4096},
      {"model.layers", "recurrent layers; masked_gru has 1", &model.layers, 1, 16},
      {"model.dropout", "share of values dropped in training, 0 to below 1", &model.dropout, 0, 0.999},
      {"model.rank", "masked_gru: latent factors that the rates are made of", &model.rank, 1, 4096},
      {"model.bidirectional", "masked_gru: false looks back in time only", &model.bidirectional},
  };
}

std::vector<Key> training_keys(Train& train, ReducePca& reduce, InferWrite& infer, Execution& execution) {
  return {
      {"train.steps", "most training steps; 0: 500, or 3 per trial where those are more", &train.steps, 0,
       1e9},
      {"train.learning_rate", "of Adam", &train.learning_rate, 1e-12, 10},
      {"train.schedule", "\"cosine\": the learning rate falls to 2%; or \"constant\"",
       choice(train.schedule)},
      {"train.weight_decay", "decoupled, not of biases", &train.weight_decay, 0, 10},
      {"train.clip", "longest gradient; 0: any", &train.clip, 0, 1e9},
      {"train.batch", "masked_gru: trials a step; 0: all", &train.batch, 0, 1e9},
      {"train.loss", "\"poisson\" for masked_gru, \"mse\" for autoencoder_rnn", choice(train.loss)},
      {"train.folds", "masked_gru: networks a fit, each with its own held-out trials; 1: the split below",
       &reduce.folds, 1, 1000},
      {"train.train_test_split", "without folds: share of each taste's trials that train",
       &reduce.train_test_split, 1e-6, 1},
      {"train.forecast_ms", "forecast horizon, whole bins; masked_gru has 0", &train.forecast_ms, 0, 1e6},
      {"train.validate_every", "steps from one validation to the next", &train.validate_every, 1, 1e9},
      {"train.patience", "validations without gain before an early stop; 0: never", &train.patience, 0, 1e9},
      {"train.weights", "weights that infer: \"last\" or \"best\" (lowest validation loss)",
       choice(infer.weights)},
      {"train.engine", "\"auto\", \"fused\" (CPU) or \"libtorch\" (any device)", choice(execution.engine)},
      {"train.device", "\"cpu\", \"cuda\" or \"cuda:N\"", &execution.device},
      {"train.isa", "\"auto\", \"x86-64-v4\", \"x86-64-v3\" or \"x86-64-v2\", of the engine fused",
       choice(execution.isa)},
  };
}

std::vector<Key> other_keys(TrainRnn& training, InferWrite& infer, Execution& execution, PlotRates& plots) {
  Mask& mask = training.mask;
  Tune& tune = training.tune;
  return {
      {"mask.block_bins", "masked_gru: bins of a unit that are hidden together", &mask.block_bins, 1, 1e6},
      {"mask.probability", "masked_gru: share of blocks hidden, 0 to 1", &mask.probability, 0.001, 0.999},
      {"tune.trials", "masked_gru: settings to try, those given among them; 0: none, train with those given",
       &tune.trials, 0, 1000},
      {"tune.scope",
       "settings for each \"session\", or one choice for the \"dataset\", all sessions of the run",
       choice(tune.scope)},
      {"infer.combine_with",
       "masked_gru: what else rates are made of, weighted by held-out spikes; []: the network alone",
       choices(infer.combine_with),
       0,
       0,
       {},
       {},
       "infer.combine"},
      {"infer.gains", "masked_gru: rates follow slow changes of units' gains across trials", &infer.gains},
      {"infer.baselines", "score simpler methods on the same held-out spikes", &infer.baselines},
      {"infer.fill_unobserved", "rates where a unit was not observed: true: the network's guess; false: NaN",
       &infer.fill_unobserved},
      {"checkpoint.every_s", "seconds from one checkpoint of a fit to the next",
       &execution.checkpoint_every_s, 0, 1e9},
      {"plots.select", "figures to draw; plot_rates --help lists them", &plots.select, 0, 0, figure_names()},
      {"plots.format", "\"png\", \"svg\" or \"pdf\"", choice(plots.format)},
      {"plots.single_files", "a file for each unit or trial; false: one PDF with a page for each",
       &plots.single_files},
      {"plots.log_loss", "logarithmic axis of losses", &plots.log_loss},
      {"plots.condition_word", "what conditions are called in figures and on pages, such as \"odour\"",
       &plots.condition_word},
      {"plots.conditions", "names of those that figures show; []: all", &plots.conditions},
      {"plots.units", "numbers of the units that figures show; []: all", &plots.units},
      {"plots.trials", "numbers of the trials of each condition, such as [\"1-10\", \"15\"]; []: all",
       &plots.trials},
      {"plots.sort_trials",
       "order in figures: \"number\", \"rate\" (mean over units), \"latent\", or a column of the trials' "
       "table",
       &plots.sort_trials},
  };
}

const void* place_of(const Slot& slot) {
  return std::visit(
      [](const auto& at) -> const void* {
        if constexpr (std::is_same_v<std::decay_t<decltype(at)>, ChoiceSlot>)
          return at.number;
        else if constexpr (std::is_same_v<std::decay_t<decltype(at)>, ChoicesSlot>)
          return at.bits;
        else
          return at;
      },
      slot);
}

/// The stage of the struct that `place` lies in.
std::string_view stage_of(const Config& config, const void* place) {
  std::string_view stage;
  const auto look = [&](const auto& settings) {
    const std::less<> before;
    const void* const begin = &settings;
    const void* const end = &settings + 1;
    if (!before(place, begin) && before(place, end)) stage = settings.stage;
  };
  std::apply([&](const auto&... settings) { (look(settings), ...); }, config.parts());
  return stage;
}

}  // namespace

std::vector<std::string> ChoicesSlot::chosen() const {
  std::vector<std::string> chosen;
  for (std::size_t number = 0; number < words.size(); ++number) {
    if ((*bits >> number & 1u) != 0) chosen.emplace_back(words[number]);
  }
  return chosen;
}

std::vector<std::string> figure_names() {
  return {"inputs",     "losses",    "overview",    "latents", "latent_space", "population",
          "mean_rates", "mean_heat", "units",       "psth",    "unit_heat",    "fold_error",
          "gallery",    "scores",    "unit_scores", "truth",   "calibration"};
}

std::vector<Key> keys(Config& config) {
  std::vector<Key> all;
  for (auto&& some :
       {session_keys(config.extract_bins, config.reduce_pca), reduction_keys(config.reduce_pca),
        model_keys(config.train_rnn.model),
        training_keys(config.train_rnn.train, config.reduce_pca, config.infer_write, config.execution),
        other_keys(config.train_rnn, config.infer_write, config.execution, config.plot_rates)}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  for (Key& key : all) key.stage = stage_of(config, place_of(key.slot));
  return all;
}

}  // namespace rnn_rates::config
