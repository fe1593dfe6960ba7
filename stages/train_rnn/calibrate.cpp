#include "train_rnn/calibrate.hpp"

#include <time.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "core/random.hpp"
#include "rnn/fused/fused_engine.hpp"
#include "rnn/fused/fused_gru_engine.hpp"
#include "train_rnn/cost.hpp"

namespace rnn_rates::train_rnn {
namespace {

constexpr artifact::FitOutline usual{"", 40, 32, 120, 30, 1};

std::unique_ptr<rnn::Engine> usual_gru(const config::Model& model) {
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
  return rnn::make_fused_gru_engine(
      shape, options, data, {}, rnn::initial_weights(shape, 1, std::vector<double>(usual.units, 1.0)));
}

std::unique_ptr<rnn::Engine> usual_autoencoder(const config::Model& model) {
  const rnn::NetworkShape shape{usual.components + 2, static_cast<std::size_t>(model.hidden_size),
                                usual.components, static_cast<std::size_t>(model.layers)};
  RandomStream random(1);
  rnn::SequenceData data{Array<float, 3>({usual.bins, usual.trials, shape.inputs}),
                         Array<float, 3>({usual.bins, usual.trials, shape.outputs})};
  for (float& value : data.inputs.values()) value = static_cast<float>(random.normal());
  for (float& value : data.targets.values()) value = static_cast<float>(random.normal());
  rnn::EngineOptions options;
  options.dropout = model.dropout;
  return rnn::make_fused_engine(shape, options, data, {}, rnn::initial_weights(shape, 1));
}

double cpu_time_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// In time of this thread, as others may use the core; the quickest, as they use its caches, too.
double quickest_step_s(rnn::Engine& engine) {
  double quickest = std::numeric_limits<double>::infinity();
  const double end = cpu_time_s() + 0.1;
  for (double start = cpu_time_s(); start < end;) {
    engine.train_step();
    const double now = cpu_time_s();
    quickest = std::min(quickest, now - start);
    start = now;
  }
  return quickest;
}

}  // namespace

double step_time_ratio(const std::string& model_kind) {
  config::Config config;
  config.train.batch = 0;
  config.train.steps = 1;
  config.train.validate_every = 1000000;
  if (model_kind != config.model.kind) {
    config.model = {.kind = model_kind, .hidden_size = 8, .layers = 2, .dropout = 0.2};
  }
  const bool gru = model_kind == "masked_gru";
  const auto engine = gru ? usual_gru(config.model) : usual_autoencoder(config.model);
  return quickest_step_s(*engine) / expected_cost("", usual, config).cost_s;
}

}  // namespace rnn_rates::train_rnn
