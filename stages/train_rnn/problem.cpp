#include "train_rnn/problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "neural/binning.hpp"
#include "neural/chop.hpp"
#include "neural/context.hpp"
#include "neural/fits.hpp"
#include "neural/scaler.hpp"
#include "rnn/autoencoder_network.hpp"
#include "rnn/masked_counts.hpp"

namespace rnn_rates::train_rnn {
namespace {

rnn::OptimizerOptions optimizer_of(const config::Train& train, std::uint32_t steps, double learning_rate) {
  return {.learning_rate = learning_rate,
          .weight_decay = train.weight_decay,
          .clip = train.clip,
          .cosine_steps = train.schedule == Schedule::cosine ? steps : 0};
}

/// Whether anything can be predicted: something was observed.
bool has_targets(const rnn::CountData& data) {
  const auto observed = data.observed.values();
  return data.counts.size() > 0 && (observed.empty() || std::any_of(observed.begin(), observed.end(),
                                                                    [](auto entry) { return entry != 0; }));
}
bool has_targets(const rnn::AutoencoderData& data) {
  const auto targets = data.targets.values();
  return std::any_of(targets.begin(), targets.end(), [](float target) { return !std::isnan(target); });
}

/// Fills in the engines of a network, of which train and held-out data live as long as the problem.
template <class Shape, class Options, class Data>
void set_engines(Problem& problem, const Shape& shape, const Options& options, Data train, Data held_out,
                 const config::Train& settings) {
  problem.holds_out = has_targets(held_out);
  if (!problem.holds_out) held_out = {};
  const auto data = std::make_shared<const std::pair<Data, Data>>(std::move(train), std::move(held_out));
  const bool has_held_out = problem.holds_out;
  const EngineChoice choice = problem.engine;
  const std::uint32_t steps = problem.steps;
  problem.parameters = rnn::parameters(shape);
  problem.make_engine = [=](double learning_rate, const std::vector<float>& weights) {
    Options now = options;
    now.optimizer = optimizer_of(settings, steps, learning_rate);
    return make_engine(choice, shape, now, data->first, data->second, weights);
  };
  const auto loss_on = [=](const Data& trials) {
    return [=, kept = data, &trials](const std::vector<float>& weights) {
      return make_engine(choice, shape, options, trials, Data{}, weights)->validation_loss();
    };
  };
  problem.train_loss = loss_on(data->first);
  problem.held_out_loss = has_held_out
                              ? std::function<double(const std::vector<float>&)>(loss_on(data->second))
                              : [](const auto&) { return std::numeric_limits<double>::quiet_NaN(); };
}

/// What trains and what is held out, of sequences of `bins` bins a trial; without chops, whole trials.
neural::FoldChops chops_of(const Problem& problem, const Network& network, std::size_t bins) {
  const inference::FitData& data = *network.data;
  const inference::ReducedFit& fit = data.fit;
  return network.fold && fit.folds.over == neural::Folds::Over::bins
             ? neural::chops_of_fold(fit.folds, *network.fold, fit.chop)
             : neural::FoldChops{data.chops(problem.train_trials, bins),
                                 data.chops(problem.test_trials, bins)};
}

void set_up_autoencoder(Problem& problem, const Network& network, const config::TrainRnn& settings) {
  const inference::FitData& data = *network.data;
  const Array<float, 3>& scores = data.fit.scores;
  const std::size_t components = scores.extent(2);
  problem.forecast_bins = neural::forecast_bins(settings.train.forecast_ms, data.bin_ms(), data.grid.bins);
  const neural::ForecastData all =
      neural::make_forecast_data(scores, data.context(NetworkKind::autoencoder), problem.forecast_bins);
  const rnn::AutoencoderShape shape{all.inputs.extent(2),
                                    static_cast<std::size_t>(settings.model.hidden_size), components,
                                    static_cast<std::size_t>(settings.model.layers)};
  problem.initial_weights =
      rnn::initial_weights(rnn::parameters(shape), derive_seed(problem.seed, "initial weights"));
  const rnn::AutoencoderOptions options{.dropout = settings.model.dropout,
                                        .optimizer = {},
                                        .seed = derive_seed(problem.seed, "dropout"),
                                        .device = problem.engine.device};
  const neural::FoldChops chops = chops_of(problem, network, all.inputs.extent(0));
  const auto data_of = [&](const neural::Chops& some) {
    return rnn::AutoencoderData{neural::cut_sequences(all.inputs, some),
                                neural::cut_sequences(all.targets, some)};
  };
  set_engines(problem, shape, options, data_of(chops.train), data_of(chops.held_out), settings.train);
}

void set_up_masked_gru(Problem& problem, const Network& network, const config::TrainRnn& settings) {
  const Array<std::uint16_t, 3>& counts = network.data->counts;
  const neural::Observed& observed = network.data->observed;
  const neural::FoldChops chops = chops_of(problem, network, counts.extent(2));
  Array<std::uint16_t, 3> train_counts = neural::cut(counts, chops.train);
  const neural::Scaler scaler = neural::fit_scaler(train_counts, neural::all_indices(train_counts.extent(0)),
                                                   neural::cut_observed(observed, chops.train));
  problem.input_mean = scaler.mean;
  problem.input_scale = scaler.scale;
  const Array<float, 3> context = network.data->context(NetworkKind::masked_gru);
  const auto data_of = [&](Array<std::uint16_t, 3> of_chops, const neural::Chops& some) {
    return rnn::CountData{.counts = std::move(of_chops),
                          .context = neural::cut(context, some),
                          .mean = {scaler.mean.begin(), scaler.mean.end()},
                          .scale = {scaler.scale.begin(), scaler.scale.end()},
                          .observed = neural::cut_observed(observed, some)};
  };
  const rnn::GruShape shape{counts.extent(1), static_cast<std::size_t>(settings.model.hidden_size),
                            settings.model.bidirectional ? 2u : 1u,
                            static_cast<std::size_t>(settings.model.rank), context.extent(1)};
  problem.initial_weights =
      rnn::initial_weights(shape, derive_seed(problem.seed, "initial weights"), scaler.mean);
  problem.starts_from_mean = true;
  const rnn::MaskedGruOptions options{
      .optimizer = {},
      .mask = {static_cast<std::uint32_t>(settings.mask.block_bins), settings.mask.probability},
      .dropout = settings.model.dropout,
      .batch = static_cast<std::size_t>(settings.train.batch),
      .seed = derive_seed(problem.seed, "training"),
      .device = problem.engine.device};
  set_engines(problem, shape, options, data_of(std::move(train_counts), chops.train),
              data_of(neural::cut(counts, chops.held_out), chops.held_out), settings.train);
}

}  // namespace

std::uint32_t steps_of(const config::Train& train, std::size_t trials, std::size_t bins,
                       const neural::ChopSize& chop) {
  if (train.steps > 0) return static_cast<std::uint32_t>(train.steps);
  constexpr std::uint32_t any_trial[] = {0};
  const std::size_t stretches = trials * neural::plan_chops(any_trial, 0, bins, chop).all.size();
  return static_cast<std::uint32_t>(std::max(least_steps, steps_per_trial * stretches));
}

Problem make_problem(const Network& network, const config::TrainRnn& settings, const EngineChoice& engine) {
  const inference::ReducedFit& fit = network.data->fit;
  Problem problem{.seed = fit.seed, .engine = engine};
  problem.steps = steps_of(settings.train, fit.trial_taste.size(), network.data->grid.bins, fit.chop);
  problem.train_trials = fit.train_trials;
  problem.test_trials = fit.test_trials;
  if (network.fold) {
    problem.seed = derive_seed(fit.seed, "fold " + std::to_string(*network.fold));
    if (fit.folds.over == neural::Folds::Over::trials) {
      neural::Split split = neural::split_of_fold(fit.folds, *network.fold);
      problem.train_trials = std::move(split.train_trials);
      problem.test_trials = std::move(split.test_trials);
    }
  }
  if (settings.model.kind == NetworkKind::masked_gru) {
    set_up_masked_gru(problem, network, settings);
  } else {
    set_up_autoencoder(problem, network, settings);
  }
  return problem;
}

}  // namespace rnn_rates::train_rnn
