#include "inference/few_shot.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

constexpr std::size_t trials = 24, units = 4, bins = 40;

/// All units follow one slow signal of their trial.
FitData one_signal() {
  FitData data = small_fit();
  data.fit.units = {0, 1, 2, 3};
  data.fit.trial_taste.assign(trials, 0);
  data.fit.train_trials = neural::all_indices(trials);
  data.fit.folds = neural::assign_folds(trials, 4);
  data.grid.bins = bins;
  data.counts = Array<std::uint16_t, 3>({trials, units, bins});
  RandomStream random(5);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double signal = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      signal = 0.95 * signal + 0.3 * random.normal();
      for (std::size_t unit = 0; unit < units; ++unit) {
        int count = 0;
        for (int part = 0; part < 20; ++part) count += random.uniform() < std::exp(signal) / 20 ? 1 : 0;
        data.counts(trial, unit, bin) = static_cast<std::uint16_t>(count);
      }
    }
  }
  return data;
}

/// A network whose first factor smooths the counts of all units, as one with a single state would, and makes
/// the log rates. `invented` more states and factors, which no unit reads, jump with the counts.
MaskedGrus smoothing_grus(const FitData& data, std::size_t invented) {
  const std::size_t hidden = 1 + invented, inputs = units + 2;
  std::vector<float> weights(3 * hidden * inputs, 0.0F), biases(3 * hidden, 0.0F),
      loadings(units * hidden, 0.0F);
  RandomStream random(9);
  biases[hidden] = 2.0F;  // How much of the first state is kept.
  for (std::size_t state = 0; state < hidden; ++state) {
    if (state > 0) biases[hidden + state] = -9.0F;
    for (std::size_t unit = 0; unit < units; ++unit)
      weights[(2 * hidden + state) * inputs + unit] =
          state == 0 ? 0.3F : 2.0F * static_cast<float>(random.normal());
  }
  biases[2 * hidden] = -1.0F;
  std::vector<float> identity(hidden * hidden, 0.0F);
  for (std::size_t state = 0; state < hidden; ++state) identity[state * hidden + state] = 1.0F;
  for (std::size_t unit = 0; unit < units; ++unit) loadings[unit * hidden] = 1.0F;

  FitModel model{.engine = "fused", .network = NetworkKind::masked_gru};
  model.input_mean.assign(units, 0.0);
  model.input_scale.assign(units, 1.0);
  model.mask = rnn::MaskOptions{.block_bins = 4, .probability = 0.25};
  const rnn::GruShape shape{.units = units, .hidden = hidden, .directions = 1, .rank = hidden, .context = 2};
  model.best_weights = all_zero_but(rnn::parameters(shape), {{"gru.weight_ih_l0", weights},
                                                             {"gru.bias_ih_l0", biases},
                                                             {"factors.weight", identity},
                                                             {"readout.weight", loadings},
                                                             {"readout.bias", {0.2F, 0.2F, 0.2F, 0.2F}}});
  model.last_weights = model.best_weights;
  return std::get<MaskedGrus>(make_networks(data, {model, model, model, model}, Weights::best));
}

}  // namespace

TEST_CASE("invented dynamics lower what few trials teach, where co-smoothing does not see them") {
  const FitData data = one_signal();
  const auto plain = few_shot(data, smoothing_grus(data, 0)),
             inventive = few_shot(data, smoothing_grus(data, 12));
  REQUIRE(plain);
  REQUIRE(inventive);
  CHECK(plain->shots == 3);
  CHECK(plain->own_bits_per_spike > 0.02);
  CHECK(inventive->own_bits_per_spike == doctest::Approx(plain->own_bits_per_spike).epsilon(1e-5));
  CHECK(plain->bits_per_spike > 0.02);
  CHECK(inventive->bits_per_spike < plain->bits_per_spike - 0.01);
  CHECK(metrics_of(*plain, "all").size() == 2);
}

TEST_CASE("a read-out does not see what was not observed") {
  FitData data = one_signal();
  const MaskedGrus networks = smoothing_grus(data, 2);
  data.observed = neural::Observed(data.counts.shape(), 1);
  std::fill_n(&data.observed(3, 0, 0), units * bins, std::uint8_t{0});
  const auto before = few_shot(data, networks);
  std::fill_n(&data.counts(3, 0, 0), units * bins, std::uint16_t{99});
  const auto after = few_shot(data, networks);
  REQUIRE(before);
  REQUIRE(after);
  CHECK(after->bits_per_spike == before->bits_per_spike);
  CHECK(after->own_bits_per_spike == before->own_bits_per_spike);
}

TEST_CASE("there is no few-shot score without folds over trials, nor of a single unit") {
  FitData data = one_signal();
  const MaskedGrus networks = smoothing_grus(data, 0);
  data.fit.folds = {};
  CHECK_FALSE(few_shot(data, networks));
  CHECK_FALSE(few_shot(data, Autoencoder{}));
}
