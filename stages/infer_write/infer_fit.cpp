#include "infer_write/infer_fit.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "neural/rates.hpp"
#include "rnn/forward.hpp"
#include "rnn/network.hpp"

namespace rnn_rates::infer_write {
namespace {

const artifact::NamedTensor& find(const std::vector<artifact::NamedTensor>& tensors,
                                  const std::string& name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const auto& each) { return each.name == name; });
  if (found == tensors.end()) {
    throw Error(ErrorKind::input, "the model has no parameter '{}'. Run train_rnn --force again.", name);
  }
  return *found;
}

/// The sizes that the stored parameters imply, for a network on `components`.
rnn::NetworkShape shape_of(const std::vector<artifact::NamedTensor>& tensors, std::size_t components) {
  const std::size_t layers =
      static_cast<std::size_t>(std::count_if(tensors.begin(), tensors.end(), [](const auto& each) {
        return each.name.starts_with("rnn.weight_hh_l");
      }));
  return {components + 2, find(tensors, "rnn.weight_hh_l0").shape.at(0), components, layers};
}

std::vector<float> flat_weights(const std::vector<artifact::NamedTensor>& tensors,
                                const rnn::NetworkShape& shape) {
  std::vector<float> flat(rnn::parameter_count(shape));
  for (const rnn::Parameter& parameter : rnn::parameters(shape)) {
    const artifact::NamedTensor& tensor = find(tensors, parameter.name);
    if (tensor.shape != parameter.shape) {
      throw Error(ErrorKind::input,
                  "the model's parameter '{}' does not fit {} components. Run train_rnn --force again.",
                  parameter.name, shape.outputs);
    }
    std::copy(tensor.values.begin(), tensor.values.end(),
              flat.begin() + static_cast<std::ptrdiff_t>(parameter.offset));
  }
  return flat;
}

}  // namespace

artifact::FitRates infer_fit(const artifact::SessionScores& session, const artifact::FitScores& fit,
                             const artifact::FitModel& model, const std::string& weights) {
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  const neural::FitInputs sequence = neural::make_fit_inputs(
      fit.scores, neural::scaled_trial_numbers(fit.trial_taste), grid.stim_bin(), model.forecast_bins);
  const auto& tensors = weights == "best" ? model.best_weights : model.last_weights;
  const rnn::NetworkShape shape = shape_of(tensors, fit.scores.extent(2));
  rnn::NetworkOutput output = rnn::forward(shape, flat_weights(tensors, shape), sequence.inputs);

  artifact::FitRates rates{.name = fit.name};
  rates.pred_firing = neural::counts_from_outputs(output.outputs, {fit.basis, fit.explained_variance_ratio},
                                                  {fit.mean, fit.scale});
  rates.rate_hz = neural::rate_hz(rates.pred_firing, grid.bin_ms);
  rates.latent_out = std::move(output.latents);
  const std::vector<double> centres_ms = grid.centers_from_stim_ms();
  rates.time_ms.assign(centres_ms.begin() + model.forecast_bins, centres_ms.end());
  for (std::size_t bin = model.forecast_bins; bin < grid.bins; ++bin) {
    rates.pred_x.push_back(static_cast<std::int64_t>(static_cast<double>(bin) * grid.bin_ms));
  }
  rates.units = fit.units;
  rates.trial_taste = fit.trial_taste;
  rates.test_trials = fit.test_trials;
  return rates;
}

}  // namespace rnn_rates::infer_write
