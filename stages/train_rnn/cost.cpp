#include "train_rnn/cost.hpp"

#include <time.h>

#include <algorithm>
#include <vector>

#include "core/random.hpp"
#include "neural/chop.hpp"
#include "rnn/autoencoder_network.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/gru_network.hpp"
#include "rnn/masked_counts.hpp"
#include "train_rnn/choose_engine.hpp"
#include "train_rnn/problem.hpp"

namespace rnn_rates::train_rnn {
namespace {

/// Seconds that a step of the fused engine takes for each trial and bin: a share for each weight, and one for
/// the rest (activations, dropout, loss). Least times that bench_step gave for 8, 22 and 90 trials of 116
/// bins with 5, 30 and 51 components (0.084, 0.29 and 2.25 ms) on one core of an x86-64 processor with
/// AVX-512; these agree with them within 15%.
constexpr double per_weight_s = 3.5e-11, per_lane_s = 6e-8;

/// The masked GRU's gates take more: four fits of 30 trials by 120 bins and 500 steps used 2.1 s each of a
/// core that other programs used too, so this is rather too much.
constexpr double masked_gru_factor = 1.7;

/// LibTorch on the CPU takes so many times as long, by the same benchmark.
constexpr double libtorch_factor = 25;

/// What a network of a fit is, in numbers.
struct Size {
  double weights;  ///< parameters
  double values;   ///< of all layers together, for one trial and bin
};

rnn::GruShape gru_shape(const artifact::FitOutline& fit, const config::Model& model) {
  return {.units = fit.units,
          .hidden = static_cast<std::size_t>(model.hidden_size),
          .directions = model.bidirectional ? 2u : 1u,
          .rank = static_cast<std::size_t>(model.rank)};
}

/// Inputs are the components, the stimulus and the trial's number.
rnn::AutoencoderShape autoencoder_shape(const artifact::FitOutline& fit, const config::Model& model) {
  return {fit.components + 2, static_cast<std::size_t>(model.hidden_size), fit.components,
          static_cast<std::size_t>(model.layers)};
}

Size size_of(const artifact::FitOutline& fit, const config::Model& model) {
  if (model.kind == NetworkKind::masked_gru) {
    const rnn::GruShape shape = gru_shape(fit, model);
    // Three gates and a state in each direction.
    return {static_cast<double>(rnn::parameter_count(parameters(shape))),
            static_cast<double>(shape.inputs() + 4 * shape.states() + shape.rank + 2 * shape.units)};
  }
  const rnn::AutoencoderShape shape = autoencoder_shape(fit, model);
  return {static_cast<double>(rnn::parameter_count(parameters(shape))),
          static_cast<double>(shape.inputs + shape.encoder_mid() + (1 + 2 * shape.layers) * shape.hidden +
                              shape.decoder_mid() + shape.outputs)};
}

/// The time of all validations, in steps: forward is a third of a step, and the masked GRU is checked under
/// several masks.
double validations_in_steps(const artifact::FitOutline& fit, const config::Train& train, double steps,
                            bool gru, double trials, double trials_a_step) {
  const double held_out = fit.folds > 1
                              ? 1.0 / static_cast<double>(fit.folds)
                              : static_cast<double>(fit.test_trials) / static_cast<double>(fit.trials);
  const double passes = held_out * trials * (gru ? rnn::validation_masks : 1);
  return steps / static_cast<double>(train.validate_every) * passes / 3 / trials_a_step;
}

/// What step_time_ratio() times.
const artifact::FitOutline usual{"", 40, 32, 120, 30, 1};

double cpu_time_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Median, in time of this thread, as others may use the core.
double step_s(rnn::Engine& engine) {
  std::vector<double> took_s;
  const double end = cpu_time_s() + 0.1;
  for (double start = cpu_time_s(); start < end;) {
    engine.train_step();
    const double now = cpu_time_s();
    took_s.push_back(now - start);
    start = now;
  }
  const auto middle = took_s.begin() + static_cast<std::ptrdiff_t>(took_s.size() / 2);
  std::nth_element(took_s.begin(), middle, took_s.end());
  return *middle;
}

double gru_step_s(const config::Model& model) {
  const rnn::GruShape shape = gru_shape(usual, model);
  RandomStream random(1);
  rnn::CountData data;
  data.counts = Array<std::uint16_t, 3>({usual.trials, usual.units, usual.bins});
  for (auto& count : data.counts.values()) count = static_cast<std::uint16_t>(random.below(3));
  data.context = Array<float, 3>({usual.trials, shape.context, usual.bins});
  data.mean.assign(usual.units, 1.0f);
  data.scale.assign(usual.units, 0.8f);
  rnn::MaskedGruOptions options;
  options.dropout = model.dropout;
  const std::vector<float> weights = rnn::initial_weights(shape, 1, std::vector<double>(usual.units, 1.0));
  return step_s(*rnn::make_fused_engine(shape, options, data, {}, weights));
}

double autoencoder_step_s(const config::Model& model) {
  const rnn::AutoencoderShape shape = autoencoder_shape(usual, model);
  RandomStream random(1);
  rnn::AutoencoderData data{Array<float, 3>({usual.bins, usual.trials, shape.inputs}),
                            Array<float, 3>({usual.bins, usual.trials, shape.outputs})};
  for (float& value : data.inputs.values()) value = static_cast<float>(random.normal());
  for (float& value : data.targets.values()) value = static_cast<float>(random.normal());
  rnn::AutoencoderOptions options;
  options.dropout = model.dropout;
  return step_s(
      *rnn::make_fused_engine(shape, options, data, {}, rnn::initial_weights(parameters(shape), 1)));
}

}  // namespace

run::Part expected_cost(const std::string& name, const artifact::FitOutline& fit,
                        const config::TrainRnn& settings, const config::Execution& execution) {
  const config::Train& train = settings.train;
  const bool gru = settings.model.kind == NetworkKind::masked_gru, batches = gru && train.batch > 0;
  constexpr std::uint32_t any_trial[] = {0};
  const neural::Chops chops = neural::plan_chops(any_trial, 0, fit.bins, fit.chop);
  const std::size_t all = fit.trials * chops.all.size();
  const auto trials =
      static_cast<double>(batches ? std::min(all, static_cast<std::size_t>(train.batch)) : all);
  const double lanes = trials * static_cast<double>(chops.bins);
  const Size size = size_of(fit, settings.model);
  const std::uint32_t steps = steps_of(train, fit.trials, fit.bins, fit.chop);
  const bool fused = choose_engine(execution).kind == EngineKind::fused;
  return {.name = name,
          .cost_s = (steps + validations_in_steps(fit, train, steps, gru, static_cast<double>(all), trials)) *
                    lanes * (per_weight_s * size.weights + per_lane_s) * (gru ? masked_gru_factor : 1) *
                    (fused ? 1 : libtorch_factor),
          // Values, gradients and what Adam and the validation keep, in single precision.
          .memory_bytes = 3 * sizeof(float) * lanes * size.values,
          .units = steps};
}

double step_time_ratio(NetworkKind network) {
  config::TrainRnn settings;
  settings.train.batch = 0;
  settings.train.steps = 1;
  settings.train.validate_every = 1000000;
  const bool gru = network == NetworkKind::masked_gru;
  if (!gru) settings.model = {.kind = network, .hidden_size = 8, .layers = 2, .dropout = 0.2};
  const double took_s = gru ? gru_step_s(settings.model) : autoencoder_step_s(settings.model);
  return took_s / expected_cost("", usual, settings, {}).cost_s;
}

}  // namespace rnn_rates::train_rnn
