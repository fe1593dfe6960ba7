#include "inference/networks.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/stop_token.hpp"
#include "neural/context.hpp"
#include "neural/fold_rates.hpp"
#include "neural/rates.hpp"
#include "rnn/autoencoder_forward.hpp"
#include "rnn/gru_forward.hpp"

namespace rnn_rates::inference {
namespace {

using Tensors = std::vector<NamedTensor>;

const NamedTensor& find(const Tensors& tensors, const std::string& name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const auto& each) { return each.name == name; });
  if (found == tensors.end()) {
    throw Error(ErrorKind::input, "the model has no parameter '{}'. Run train_rnn --force again.", name);
  }
  return *found;
}

/// How many parameters have names that begin so: layers, or directions.
std::size_t count(const Tensors& tensors, std::string_view begin) {
  return static_cast<std::size_t>(std::count_if(
      tensors.begin(), tensors.end(), [&](const auto& each) { return each.name.starts_with(begin); }));
}

/// Parameters in the network's flat order.
std::vector<float> flat_weights(const Tensors& tensors, const std::vector<rnn::Parameter>& parameters) {
  std::vector<float> flat(rnn::parameter_count(parameters));
  for (const rnn::Parameter& parameter : parameters) {
    const NamedTensor& tensor = find(tensors, parameter.name);
    if (tensor.shape != parameter.shape) {
      throw Error(ErrorKind::input,
                  "the model's parameter '{}' does not fit the network. Run train_rnn --force again.",
                  parameter.name);
    }
    std::copy(tensor.values.begin(), tensor.values.end(),
              flat.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
  }
  return flat;
}

Autoencoder make_autoencoder(const FitData& data, const FitModel& model, const Tensors& tensors) {
  const ReducedFit& fit = data.fit;
  const auto context = data.context(NetworkKind::autoencoder);
  Autoencoder network{.shape = {},
                      .weights = {},
                      .forecast_bins = model.forecast_bins,
                      .inputs = neural::make_forecast_data(fit.scores, context, model.forecast_bins).inputs};
  network.shape = {network.inputs.extent(2), find(tensors, "rnn.weight_hh_l0").shape.at(0),
                   fit.scores.extent(2), count(tensors, "rnn.weight_hh_l")};
  network.weights = flat_weights(tensors, rnn::parameters(network.shape));
  return network;
}

MaskedGru make_masked_gru(const FitData& data, const FitModel& model, const Tensors& tensors,
                          std::size_t context) {
  MaskedGru network{
      .shape = {find(tensors, "readout.bias").shape.at(0), find(tensors, "gru.weight_hh_l0").shape.at(1),
                count(tensors, "gru.weight_hh_l0"), find(tensors, "factors.weight").shape.at(0), context},
      .weights = {},
      .mean = {model.input_mean.begin(), model.input_mean.end()},
      .scale = {model.input_scale.begin(), model.input_scale.end()}};
  network.weights = flat_weights(tensors, rnn::parameters(network.shape));
  const std::size_t units = data.counts.extent(1);
  if (network.shape.units != units || network.mean.size() != units || network.scale.size() != units) {
    throw Error(ErrorKind::input, "the model is for {} units, the fit has {}. Run train_rnn --force again.",
                network.shape.units, units);
  }
  return network;
}

FitRates rates_by(const FitData& data, const Autoencoder& network, const std::stop_token&) {
  const ReducedFit& fit = data.fit;
  const std::size_t steps = network.inputs.extent(0), trials = network.inputs.extent(1);
  const neural::Chops chops = data.chops(neural::all_indices(trials), steps);
  const rnn::AutoencoderOutput output =
      rnn::forward(network.shape, network.weights, neural::cut_sequences(network.inputs, chops));
  FitRates rates;
  rates.pred_firing =
      neural::counts_from_outputs(neural::merge(output.outputs, chops, trials, steps),
                                  {fit.basis, fit.explained_variance_ratio}, {fit.mean, fit.scale});
  rates.latents = permute(neural::merge(output.latents, chops, trials, steps), {1, 2, 0});
  return rates;
}

FitRates rates_by(const FitData& data, const MaskedGrus& networks, const std::stop_token& stop) {
  const auto [trials, units, bins] = data.counts.shape();
  const neural::Chops chops = data.chops(neural::all_indices(trials), bins);
  rnn::CountData read{.counts = neural::cut(data.counts, chops),
                      .context = neural::cut(networks.context, chops),
                      .mean = {},
                      .scale = {},
                      .observed = neural::cut_observed(data.observed, chops)};
  std::vector<Array<float, 3>> log_counts;
  for (const MaskedGru& network : networks.folds) {
    end_if_stopped(stop);
    read.mean = network.mean;
    read.scale = network.scale;
    const Array<float, 3> inputs = rnn::gru_inputs(read, {}, 0.0);
    log_counts.push_back(neural::merge(rnn::gru_forward(network.shape, network.weights, inputs).log_rates,
                                       chops, trials, bins));
  }
  neural::CombinedFolds folds = neural::combine_folds(log_counts, data.fit.folds, data.bin_ms(), stop);
  neural::LogRateFactors factors =
      neural::factors_of_log_rates(folds.log_counts, networks.folds.front().shape.rank, stop);
  FitRates rates;
  rates.pred_firing = std::move(folds.counts);
  rates.latents = std::move(factors.factors);
  rates.readout = Readout{std::move(factors.loadings), std::move(factors.offset)};
  if (!data.fit.folds.empty()) {
    rates.folds =
        FoldRates{data.fit.folds, std::move(folds.out_of_fold_hz), std::move(folds.standard_error_hz)};
  }
  return rates;
}

}  // namespace

Networks make_networks(const FitData& data, const std::vector<FitModel>& models, Weights weights) {
  const auto tensors = [&](const FitModel& model) -> const Tensors& {
    return weights == Weights::best ? model.best_weights : model.last_weights;
  };
  if (models.front().network != NetworkKind::masked_gru)
    return make_autoencoder(data, models.front(), tensors(models.front()));
  MaskedGrus networks{.folds = {}, .context = data.context(NetworkKind::masked_gru)};
  for (const FitModel& model : models)
    networks.folds.push_back(make_masked_gru(data, model, tensors(model), networks.context.extent(1)));
  return networks;
}

FitRates network_rates(const FitData& data, const Networks& networks, const std::stop_token& stop) {
  FitRates rates = std::visit([&](const auto& kind) { return rates_by(data, kind, stop); }, networks);
  const neural::BinGrid& grid = data.grid;
  const auto* autoencoder = std::get_if<Autoencoder>(&networks);
  const std::size_t first_bin = autoencoder == nullptr ? 0 : autoencoder->forecast_bins;
  const std::vector<double> centres_ms = grid.centers_from_stim_ms();
  for (std::size_t bin = first_bin; bin < grid.bins; ++bin) {
    rates.time_ms.push_back(centres_ms[bin]);
    rates.pred_x.push_back(static_cast<std::int64_t>(static_cast<double>(bin) * grid.bin_ms));
  }
  rates.rate_hz = neural::rate_hz(rates.pred_firing, grid.bin_ms);
  rates.region = data.fit.region;
  rates.taste = data.fit.taste;
  rates.units = data.fit.units;
  rates.trial_taste = data.fit.trial_taste;
  rates.test_trials = data.fit.test_trials;
  return rates;
}

}  // namespace rnn_rates::inference
