#include <doctest/doctest.h>

#include <utility>

#include "rnn/torch/torch_engine.hpp"
#include "support/golden_network.hpp"
#include "support/noise_counts.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;

namespace {

const GruShape small{3, 1, 2, 2};
const MaskedGruOptions options{.dropout = 0.3, .batch = 5, .seed = 4};

std::unique_ptr<Engine> engine_on(const CountData& data, const std::vector<float>& weights) {
  return make_torch_engine(small, options, data, {}, weights, Precision::float64);
}

/// Losses of a few steps and of the validation, and the weights after them.
std::pair<std::vector<double>, std::vector<float>> trained(const CountData& data) {
  const auto engine = engine_on(data, test::start_weights(small, 3));
  std::vector<double> losses;
  for (int step = 0; step < 3; ++step) losses.push_back(engine->train_step());
  losses.push_back(engine->validation_loss());
  return {losses, engine->state().weights};
}

}  // namespace

TEST_CASE("the GRU's gradient is that of its loss, whether all counts were observed or not") {
  const auto weights = test::start_weights(small, 3);
  for (const bool all_observed : {true, false}) {
    CAPTURE(all_observed);
    CountData data = test::noise_counts(3, 12, 7, 1);
    if (!all_observed) test::leave_unobserved(data, 8);
    const auto engine = engine_on(data, weights);
    engine->train_step();
    // After one step from zero, Adam's first moment is a tenth of the gradient.
    std::vector<float> gradient = engine->state().moment1, slopes;
    for (float& value : gradient) value *= 10.0f;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      auto above = weights, below = weights;
      above[i] += 0x1p-10f;
      below[i] -= 0x1p-10f;
      const double width = static_cast<double>(above[i]) - static_cast<double>(below[i]);
      const double rise = engine_on(data, above)->train_step() - engine_on(data, below)->train_step();
      slopes.push_back(static_cast<float>(rise / width));
    }
    CHECK(test::worst_tensor_error(small, slopes, gradient) <= 1e-4);
  }
}

TEST_CASE("saying that all was observed changes no bit, and neither do counts that were not observed") {
  const CountData silent = test::noise_counts(3, 12, 7, 1);
  CountData all = silent, partly = silent;
  all.observed = Array<std::uint8_t, 3>(all.counts.shape(), 1);
  test::leave_unobserved(partly, 8);
  CountData changed = partly;
  test::change_unobserved(changed);
  CHECK(trained(all) == trained(silent));
  CHECK(trained(changed) == trained(partly));
  CHECK(trained(partly) != trained(silent));
}

TEST_CASE("where nothing was observed the loss is 0 and no weight moves") {
  CountData data = test::noise_counts(3, 12, 7, 1);
  data.observed = Array<std::uint8_t, 3>(data.counts.shape(), 0);
  const auto [losses, weights] = trained(data);
  CHECK(losses == std::vector<double>(losses.size(), 0.0));
  CHECK(weights == test::start_weights(small, 3));
}
