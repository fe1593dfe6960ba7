#include <time.h>

#include <algorithm>
#include <vector>

#include "core/random.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "train_rnn/cost.hpp"

namespace rnn_rates::train_rnn {
namespace {

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
  const rnn::GruShape shape{.units = usual.units,
                            .hidden = static_cast<std::size_t>(model.hidden_size),
                            .directions = model.bidirectional ? 2u : 1u,
                            .rank = static_cast<std::size_t>(model.rank)};
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
  const rnn::AutoencoderShape shape{usual.components + 2, static_cast<std::size_t>(model.hidden_size),
                                    usual.components, static_cast<std::size_t>(model.layers)};
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
