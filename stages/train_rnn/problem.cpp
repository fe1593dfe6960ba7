#include "train_rnn/problem.hpp"

#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "neural/fits.hpp"
#include "neural/scaler.hpp"
#include "neural/split.hpp"
#include "rnn/masked_counts.hpp"
#include "rnn/network.hpp"

namespace rnn_rates::train_rnn {
namespace {

rnn::OptimizerOptions optimizer_of(const config::Train& train, double learning_rate) {
  return {.learning_rate = learning_rate,
          .weight_decay = train.weight_decay,
          .clip = train.clip,
          .cosine_steps = train.schedule == "cosine" ? static_cast<std::uint32_t>(train.steps) : 0};
}

/// Fills in the engines of a network, of which train and held-out data live as long as the problem.
template <class Shape, class Options, class Data>
void set_engines(Problem& problem, const Shape& shape, const Options& options, Data train, Data held_out,
                 const config::Train& settings) {
  const auto data = std::make_shared<const std::pair<Data, Data>>(std::move(train), std::move(held_out));
  const bool has_held_out = !problem.test_trials.empty();
  const EngineChoice choice = problem.engine;
  problem.parameters = rnn::parameters(shape);
  problem.make_engine = [=](double learning_rate, const std::vector<float>& weights) {
    Options now = options;
    now.optimizer = optimizer_of(settings, learning_rate);
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

rnn::SequenceData as_sequence(neural::FitInputs inputs) {
  return {std::move(inputs.inputs), std::move(inputs.targets)};
}

void set_up_autoencoder(Problem& problem, const artifact::SessionScores& session,
                        const artifact::FitScores& fit, const config::Config& config) {
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  const std::size_t components = fit.scores.extent(2);
  problem.forecast_bins = neural::forecast_bins(config.train.forecast_ms, grid.bin_ms, grid.bins);
  const Array<float, 3> context = neural::context_inputs(neural::scaled_trial_numbers(fit.trial_taste),
                                                         grid.bins, grid.stim_bin(), fit.laser);
  const neural::FitInputs all = neural::make_fit_inputs(fit.scores, context, problem.forecast_bins);
  const rnn::NetworkShape shape{all.inputs.extent(2), static_cast<std::size_t>(config.model.hidden_size),
                                components, static_cast<std::size_t>(config.model.layers)};
  problem.initial_weights = rnn::initial_weights(shape, derive_seed(problem.seed, "initial weights"));
  const rnn::EngineOptions options{.dropout = config.model.dropout,
                                   .optimizer = {},
                                   .seed = derive_seed(problem.seed, "dropout"),
                                   .device = config.train.device};
  set_engines(problem, shape, options, as_sequence(neural::select_trials(all, problem.train_trials)),
              as_sequence(neural::select_trials(all, problem.test_trials)), config.train);
}

void set_up_masked_gru(Problem& problem, const artifact::SessionBins& bins, const artifact::FitScores& fit,
                       const config::Config& config) {
  const Array<std::uint16_t, 3> counts =
      neural::counts_of_fit(bins.counts, neural::fit_of_trials(fit.units, fit.trial_taste));
  const neural::Scaler scaler = neural::fit_scaler(counts, problem.train_trials);
  problem.input_mean = scaler.mean;
  problem.input_scale = scaler.scale;
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  const Array<float, 3> context = neural::context_inputs(neural::centred_trial_numbers(fit.trial_taste),
                                                         grid.bins, grid.stim_bin(), fit.laser);
  const auto data_of = [&](const std::vector<std::uint32_t>& trials) {
    return rnn::CountData{.counts = neural::trials_of(counts, trials),
                          .context = neural::trials_of(context, trials),
                          .mean = {scaler.mean.begin(), scaler.mean.end()},
                          .scale = {scaler.scale.begin(), scaler.scale.end()}};
  };
  const rnn::GruShape shape{fit.units.size(), static_cast<std::size_t>(config.model.hidden_size),
                            config.model.bidirectional ? 2u : 1u,
                            static_cast<std::size_t>(config.model.rank), context.extent(1)};
  problem.initial_weights =
      rnn::initial_weights(shape, derive_seed(problem.seed, "initial weights"), scaler.mean);
  const rnn::MaskedGruOptions options{
      .optimizer = {},
      .mask = {static_cast<std::uint32_t>(config.mask.block_bins), config.mask.probability},
      .dropout = config.model.dropout,
      .batch = static_cast<std::size_t>(config.train.batch),
      .seed = derive_seed(problem.seed, "training"),
      .device = config.train.device};
  set_engines(problem, shape, options, data_of(problem.train_trials), data_of(problem.test_trials),
              config.train);
}

}  // namespace

Problem make_problem(const artifact::SessionScores& session, const artifact::SessionBins* bins,
                     const Network& network, const config::Config& config) {
  const artifact::FitScores& fit = *network.fit;
  Problem problem{.seed = fit.seed, .engine = choose_engine(config.train)};
  problem.train_trials = fit.train_trials;
  problem.test_trials = fit.test_trials;
  if (network.fold) {
    problem.seed = derive_seed(fit.seed, "fold " + std::to_string(*network.fold));
    neural::Split split = neural::split_of_fold(fit.trial_fold, *network.fold);
    problem.train_trials = std::move(split.train_trials);
    problem.test_trials = std::move(split.test_trials);
  }
  if (config.model.kind == "masked_gru") {
    if (bins == nullptr) throw Error(ErrorKind::bug, "the masked GRU needs the counts");
    set_up_masked_gru(problem, *bins, fit, config);
  } else {
    set_up_autoencoder(problem, session, fit, config);
  }
  return problem;
}

}  // namespace rnn_rates::train_rnn
