#include "rnn/gru_forward.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/expect_error.hpp"
#include "support/noise_counts.hpp"

using namespace rnn_rates;
using namespace rnn_rates::rnn;

TEST_CASE(
    "inputs are scaled counts, the pulse and the trial number; hidden counts are 0 and kept ones grow") {
  CountData data = test::noise_counts(2, 6, 3, 1);
  data.counts(1, 0, 4) = 3;
  const Array<float, 3> all = gru_inputs(data, {}, 0.25);
  CHECK(all(4, 1, 0) == doctest::Approx((3 - 0.58) / 0.7));
  CHECK(all(2, 1, 2) == 1.0f);
  CHECK(all(3, 1, 2) == 0.0f);
  CHECK(all(5, 2, 3) == data.context(2, 1, 5));
  Array<std::uint8_t, 3> hidden({3, 2, 6});
  hidden(1, 1, 4) = 1;
  const Array<float, 3> masked = gru_inputs(data, hidden, 0.25);
  CHECK(masked(4, 1, 1) == 0.0f);
  CHECK(masked(4, 1, 0) == doctest::Approx(all(4, 1, 0) / 0.75));
  CHECK(masked(4, 1, 3) == all(4, 1, 3));
}

TEST_CASE("unobserved counts are 0 at the input, whatever they are, and change no other input") {
  CountData data = test::noise_counts(3, 20, 4, 1);
  const Array<float, 3> known = gru_inputs(data, {}, 0.25);
  Array<std::uint8_t, 3> hidden(data.counts.shape());
  for (std::size_t i = 0; i < hidden.size(); i += 3) hidden.values()[i] = 1;
  const Array<float, 3> masked = gru_inputs(data, hidden, 0.25);
  test::leave_unobserved(data, 2);
  test::change_unobserved(data);
  const Array<float, 3> partly = gru_inputs(data, {}, 0.25), partly_masked = gru_inputs(data, hidden, 0.25);
  for (std::size_t bin = 0; bin < 20; ++bin) {
    for (std::size_t trial = 0; trial < 4; ++trial) {
      for (std::size_t i = 0; i < 5; ++i) {
        const bool unobserved = i < 3 && data.observed(trial, i, bin) == 0;
        CHECK(partly(bin, trial, i) == (unobserved ? 0.0f : known(bin, trial, i)));
        CHECK(partly_masked(bin, trial, i) == (unobserved ? 0.0f : masked(bin, trial, i)));
      }
    }
  }
}

TEST_CASE("with weights of 0 the states stay 0 and the rates are the biases, within their bounds") {
  const GruShape shape{3, 4, 2, 2};
  std::vector<float> weights(parameter_count(parameters(shape)), 0.0f);
  weights[weights.size() - 3] = -1.5f;
  weights[weights.size() - 2] = 9.0f;
  weights[weights.size() - 1] = -20.0f;
  const GruOutput output = gru_forward(shape, weights, gru_inputs(test::noise_counts(3, 5, 2, 1), {}, 0));
  CHECK(output.log_rates(4, 1, 0) == -1.5f);
  CHECK(output.log_rates(4, 1, 1) == highest_log_rate);
  CHECK(output.log_rates(4, 1, 2) == lowest_log_rate);
  CHECK(output.factors.shape() == std::array<std::size_t, 3>{5, 2, 2});
}

TEST_CASE("one unit of state follows the formulas of the GRU, bin by bin") {
  const GruShape shape{1, 1, 1, 1};
  const std::vector<float> w = test::start_weights(shape, 3);
  const Array<float, 3> inputs = gru_inputs(test::noise_counts(1, 4, 1, 1), {}, 0);
  const GruOutput output = gru_forward(shape, w, inputs);
  const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  // Flat order: weight_ih (3, 3), weight_hh (3, 1), bias_ih (3), bias_hh (3), factors, readout, its bias.
  double state = 0;
  for (std::size_t bin = 0; bin < 4; ++bin) {
    double from_input[3], from_state[3];
    for (std::size_t gate = 0; gate < 3; ++gate) {
      from_input[gate] = w[12 + gate];
      for (std::size_t i = 0; i < 3; ++i) from_input[gate] += w[3 * gate + i] * inputs(bin, 0, i);
      from_state[gate] = w[9 + gate] * state + w[15 + gate];
    }
    const double r = sigmoid(from_input[0] + from_state[0]), z = sigmoid(from_input[1] + from_state[1]);
    const double n = std::tanh(from_input[2] + r * from_state[2]);
    state = (1 - z) * n + z * state;
    CHECK(output.factors(bin, 0, 0) == doctest::Approx(w[18] * state).epsilon(1e-5));
    CHECK(output.log_rates(bin, 0, 0) == doctest::Approx(w[19] * w[18] * state + w[20]).epsilon(1e-5));
  }
}

TEST_CASE("forward in time only: later counts change no earlier rate; in both directions they do") {
  CountData data = test::noise_counts(4, 12, 2, 1);
  CountData changed = data;
  changed.counts(0, 1, 8) += 2;
  for (const std::size_t directions : {1u, 2u}) {
    const GruShape shape{4, 6, directions, 3};
    const auto weights = test::start_weights(shape, 2);
    const auto a = gru_forward(shape, weights, gru_inputs(data, {}, 0)).log_rates;
    const auto b = gru_forward(shape, weights, gru_inputs(changed, {}, 0)).log_rates;
    CHECK(a(8, 0, 0) != b(8, 0, 0));
    CHECK(a(11, 0, 0) != b(11, 0, 0));
    CHECK((a(7, 0, 0) == b(7, 0, 0)) == (directions == 1));
    CHECK(a(8, 1, 0) == b(8, 1, 0));
  }
}

TEST_CASE("weights and inputs of another size are a bug") {
  const GruShape shape{3, 4, 2, 2};
  const auto inputs = gru_inputs(test::noise_counts(3, 5, 2, 1), {}, 0);
  test::expect_error(ErrorKind::bug, {"weights"}, [&] { gru_forward(shape, std::vector<float>(7), inputs); });
  const GruShape other{4, 4, 2, 2};
  test::expect_error(ErrorKind::bug, {"6 inputs, got 5"},
                     [&] { gru_forward(other, test::start_weights(other, 1), inputs); });
}
