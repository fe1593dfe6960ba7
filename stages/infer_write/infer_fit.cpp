#include "infer_write/infer_fit.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/stop.hpp"
#include "infer_write/model_weights.hpp"
#include "neural/binning.hpp"
#include "neural/chop.hpp"
#include "neural/context.hpp"
#include "neural/fits.hpp"
#include "neural/fold_rates.hpp"
#include "neural/rates.hpp"
#include "rnn/forward.hpp"
#include "rnn/gru_forward.hpp"

namespace rnn_rates::infer_write {
namespace {

const Tensors& chosen(const artifact::FitModel& model, const std::string& weights) {
  return weights == "best" ? model.best_weights : model.last_weights;
}

/// Chops of all trials; without any, the trials.
neural::Chops chops_of(const artifact::FitScores& fit, std::size_t trials, std::size_t bins) {
  return neural::plan_chops(neural::all_indices(trials), 0, bins, {fit.chop_bins, fit.chop_overlap_bins});
}

void infer_autoencoder(const artifact::SessionScores& session, const artifact::FitScores& fit,
                       const artifact::FitModel& model, const std::string& weights,
                       artifact::FitRates& rates) {
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  const Array<float, 3> context = neural::autoencoder_context(fit.trial_taste, grid, fit.laser);
  const neural::FitInputs sequence = neural::make_fit_inputs(fit.scores, context, model.forecast_bins);
  const Tensors& tensors = chosen(model, weights);
  const rnn::NetworkShape shape = autoencoder_shape(tensors, sequence.inputs.extent(2), fit.scores.extent(2));
  const std::size_t steps = sequence.inputs.extent(0), trials = sequence.inputs.extent(1);
  const neural::Chops chops = chops_of(fit, trials, steps);
  const rnn::NetworkOutput output = rnn::forward(shape, flat_weights(tensors, rnn::parameters(shape)),
                                                 neural::cut_sequences(sequence.inputs, chops));
  rates.pred_firing =
      neural::counts_from_outputs(neural::merge(output.outputs, chops, trials, steps),
                                  {fit.basis, fit.explained_variance_ratio}, {fit.mean, fit.scale});
  rates.latent_out = neural::merge(output.latents, chops, trials, steps);
}

/// (trial, factor, bin) as (bin, trial, factor).
Array<float, 3> bins_first(const Array<float, 3>& factors) {
  const auto [trials, count, bins] = factors.shape();
  Array<float, 3> turned({bins, trials, count});
  for (std::size_t trial = 0; trial < trials; ++trial) {
    for (std::size_t factor = 0; factor < count; ++factor) {
      for (std::size_t bin = 0; bin < bins; ++bin) turned(bin, trial, factor) = factors(trial, factor, bin);
    }
  }
  return turned;
}

void infer_masked_gru(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                      const std::vector<artifact::FitModel>& models, const std::string& weights,
                      artifact::FitRates& rates) {
  std::vector<Array<float, 3>> log_rates;
  std::size_t rank = 0;
  for (const artifact::FitModel& model : models) {
    end_if_stop_requested();
    const GruNetwork network = gru_network(bins, fit, model, weights);
    rank = network.shape.rank;
    log_rates.push_back(gru_log_rates(network, fit, {}, 0.0));
  }
  neural::FoldRates folds = neural::combine_folds(log_rates, {fit.trial_fold, fit.bin_fold}, bins.bin_ms());
  neural::LogRateFactors factors = neural::factors_of_log_rates(folds.log_counts, rank);
  rates.pred_firing = std::move(folds.counts);
  rates.rate_out_of_fold_hz = std::move(folds.out_of_fold_hz);
  rates.rate_standard_error_hz = std::move(folds.standard_error_hz);
  rates.latent_out = bins_first(factors.factors);
  rates.latent_factors = std::move(factors.factors);
  rates.factor_loadings = std::move(factors.loadings);
  rates.log_rate_offset = std::move(factors.offset);
}

}  // namespace

GruNetwork gru_network(const artifact::SessionBins& bins, const artifact::FitScores& fit,
                       const artifact::FitModel& model, const std::string& weights) {
  const Tensors& tensors = chosen(model, weights);
  const neural::BinGrid grid = neural::grid_of_edges(bins.bin_edges_ms, bins.stim_ms);
  Array<float, 3> context = neural::masked_gru_context(fit.trial_taste, grid, fit.laser);
  GruNetwork network{.shape = gru_shape(tensors, context.extent(1)), .weights = {}, .data = {}};
  network.weights = flat_weights(tensors, rnn::parameters(network.shape));
  const std::size_t units = fit.units.size();
  if (network.shape.units != units || model.input_mean.size() != units || model.input_scale.size() != units) {
    throw Error(ErrorKind::input, "the model is for {} units, the fit has {}. Run train_rnn --force again.",
                network.shape.units, units);
  }
  network.data = {
      .counts = neural::counts_of_fit(bins.counts, neural::fit_of_trials(fit.units, fit.trial_taste)),
      .context = std::move(context),
      .mean = {model.input_mean.begin(), model.input_mean.end()},
      .scale = {model.input_scale.begin(), model.input_scale.end()}};
  return network;
}

Array<float, 3> gru_log_rates(const GruNetwork& network, const artifact::FitScores& fit,
                              const Array<std::uint8_t, 3>& hidden, double probability) {
  const auto [trials, units, bins] = network.data.counts.shape();
  const neural::Chops chops = chops_of(fit, trials, bins);
  const rnn::CountData data{.counts = neural::cut(network.data.counts, chops),
                            .context = neural::cut(network.data.context, chops),
                            .mean = network.data.mean,
                            .scale = network.data.scale};
  const auto hidden_chops = hidden.size() > 0 ? neural::cut(hidden, chops) : Array<std::uint8_t, 3>();
  const Array<float, 3> inputs = rnn::gru_inputs(data, hidden_chops, probability);
  return neural::merge(rnn::gru_forward(network.shape, network.weights, inputs).log_rates, chops, trials,
                       bins);
}

artifact::FitRates infer_fit(const artifact::SessionBins& bins, const artifact::SessionScores& session,
                             const artifact::FitScores& fit, const std::vector<artifact::FitModel>& models,
                             const std::string& weights) {
  const artifact::FitModel& first = models.front();
  artifact::FitRates rates{.name = fit.name};
  if (first.network == "masked_gru") {
    infer_masked_gru(bins, fit, models, weights, rates);
  } else {
    infer_autoencoder(session, fit, first, weights, rates);
  }
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  rates.rate_hz = neural::rate_hz(rates.pred_firing, grid.bin_ms);
  const std::vector<double> centres_ms = grid.centers_from_stim_ms();
  rates.time_ms.assign(centres_ms.begin() + first.forecast_bins, centres_ms.end());
  for (std::size_t bin = first.forecast_bins; bin < grid.bins; ++bin) {
    rates.pred_x.push_back(static_cast<std::int64_t>(static_cast<double>(bin) * grid.bin_ms));
  }
  rates.units = fit.units;
  rates.trial_taste = fit.trial_taste;
  rates.test_trials = fit.test_trials;
  rates.trial_fold = fit.trial_fold;
  rates.bin_fold = fit.bin_fold;
  return rates;
}

}  // namespace rnn_rates::infer_write
