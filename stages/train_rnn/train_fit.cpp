#include "train_rnn/train_fit.hpp"

#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "neural/binning.hpp"
#include "neural/context.hpp"
#include "rnn/forward.hpp"
#include "rnn/network.hpp"
#include "rnn/torch/torch_engine.hpp"
#include "rnn/trainer.hpp"

namespace rnn_rates::train_rnn {
namespace {

std::vector<artifact::NamedTensor> named_tensors(const rnn::NetworkShape& shape,
                                                 const std::vector<float>& weights) {
  std::vector<artifact::NamedTensor> tensors;
  for (const rnn::Parameter& parameter : rnn::parameters(shape)) {
    const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(parameter.offset);
    tensors.push_back(
        {parameter.name, parameter.shape, {begin, begin + static_cast<std::ptrdiff_t>(parameter.size())}});
  }
  return tensors;
}

rnn::SequenceData as_sequence(neural::FitInputs inputs) {
  return {std::move(inputs.inputs), std::move(inputs.targets)};
}

std::unique_ptr<rnn::Engine> make_engine(const config::Train& train, const rnn::NetworkShape& shape,
                                         const rnn::EngineOptions& options,
                                         const rnn::SequenceData& train_data,
                                         const rnn::SequenceData& validation,
                                         const std::vector<float>& weights) {
  if (train.engine == "fused") throw Error(ErrorKind::config, "train.engine = \"fused\": not in this build");
  return rnn::make_torch_engine(shape, options, train_data, validation, weights);
}

/// Mean squared error of the network on `data` without dropout; NaN without trials.
float loss_without_dropout(const rnn::NetworkShape& shape, const std::vector<float>& weights,
                           const rnn::SequenceData& data) {
  const Array<float, 3> outputs = rnn::forward(shape, weights, data.inputs).outputs;
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double error = outputs.values()[i] - data.targets.values()[i];
    sum += error * error;
  }
  return static_cast<float>(sum / static_cast<double>(outputs.size()));
}

/// What the Python program warns of: the network fits held-out trials better than the ones it learned from.
/// It compares losses with dropout; here both are without.
std::vector<std::string> warnings_of(const artifact::FitModel& model) {
  std::vector<std::string> warnings;
  if (model.test_trials.empty()) {
    warnings.push_back("too few trials to hold any out: validation used the training trials");
  } else if (model.final_train_loss > model.final_validation_loss) {
    warnings.push_back(
        fmt::format("the final loss on training trials, {:.4g}, is greater than that on held-out ones, "
                    "{:.4g}: the held-out trials "
                    "may be unlike the others. Another seed draws another split.",
                    model.final_train_loss, model.final_validation_loss));
  }
  return warnings;
}

}  // namespace

artifact::FitModel train_fit(const artifact::SessionScores& session, const artifact::FitScores& fit,
                             const config::Config& config,
                             const std::function<void(double, double)>& after_step) {
  const neural::BinGrid grid = neural::grid_of_edges(session.bin_edges_ms, session.stim_ms);
  const std::size_t components = fit.scores.extent(2);
  const std::size_t forecast = neural::forecast_bins(config.train.forecast_ms, grid.bin_ms, grid.bins);
  const neural::FitInputs all = neural::make_fit_inputs(
      fit.scores, neural::scaled_trial_numbers(fit.trial_taste), grid.stim_bin(), forecast);
  const rnn::SequenceData train_data = as_sequence(neural::select_trials(all, fit.train_trials));
  const rnn::SequenceData validation = as_sequence(neural::select_trials(all, fit.test_trials));

  const rnn::NetworkShape shape{components + 2, static_cast<std::size_t>(config.model.hidden_size),
                                components, static_cast<std::size_t>(config.model.layers)};
  rnn::FitProgress progress;
  progress.current.weights = rnn::initial_weights(shape, derive_seed(fit.seed, "initial weights"));
  const auto engine = make_engine(config.train, shape,
                                  {.dropout = config.model.dropout,
                                   .learning_rate = config.train.learning_rate,
                                   .seed = derive_seed(fit.seed, "dropout"),
                                   .device = config.train.device},
                                  train_data, validation, progress.current.weights);
  rnn::train(*engine,
             {.steps = static_cast<std::uint32_t>(config.train.steps),
              .validate_every = static_cast<std::uint32_t>(config.train.validate_every),
              .patience = static_cast<std::uint32_t>(config.train.patience)},
             progress, [&](const rnn::FitProgress& now) {
               after_step(now.train_loss.back(), now.validation_loss.empty()
                                                     ? std::numeric_limits<double>::quiet_NaN()
                                                     : now.validation_loss.back());
               return true;
             });

  artifact::FitModel model{.seed = fit.seed, .forecast_bins = static_cast<std::uint32_t>(forecast)};
  const std::vector<float> last = engine->state().weights;
  model.last_weights = named_tensors(shape, last);
  model.best_weights = named_tensors(shape, progress.best_weights.empty() ? last : progress.best_weights);
  model.best_step = progress.best_weights.empty() ? progress.current.step : progress.best_step;

  model.train_loss = std::move(progress.train_loss);
  model.validation_steps = std::move(progress.validation_steps);
  model.validation_loss = std::move(progress.validation_loss);
  model.train_trials = fit.train_trials;
  model.test_trials = fit.test_trials;
  model.stopped_early = progress.stopped_early;
  model.final_train_loss = loss_without_dropout(shape, last, train_data);
  model.final_validation_loss = loss_without_dropout(shape, last, validation);
  model.warnings = warnings_of(model);
  return model;
}

}  // namespace rnn_rates::train_rnn
