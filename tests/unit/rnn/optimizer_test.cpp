#include "rnn/optimizer.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "rnn/gru_network.hpp"

using namespace rnn_rates::rnn;

TEST_CASE("the learning rate falls along half a cosine to 2%") {
  const OptimizerOptions options{.learning_rate = 0.1, .cosine_steps = 100};
  CHECK(learning_rate_at(options, 0) == doctest::Approx(0.1));
  CHECK(learning_rate_at(options, 50) == doctest::Approx(0.051));
  CHECK(learning_rate_at(options, 100) == doctest::Approx(0.002));
  CHECK(learning_rate_at(options, 5000) == doctest::Approx(0.002));
  CHECK(learning_rate_at({.learning_rate = 0.1}, 5000) == 0.1);
}

TEST_CASE("gradients longer than the limit are shortened to it") {
  const std::vector<float> gradient{3, 4};
  CHECK(clip_factor({.clip = 2.5}, gradient) == doctest::Approx(0.5));
  CHECK(clip_factor({.clip = 6}, gradient) == 1.0);
  CHECK(clip_factor({}, gradient) == 1.0);
}

TEST_CASE("weights decay, biases do not") {
  const auto all = parameters(GruShape{2, 3, 2, 1});
  std::vector<float> weights(parameter_count(all), 1.0f);
  decay_weights(all, 0.1, {.weight_decay = 0.5}, weights);
  for (const Parameter& parameter : all) {
    CAPTURE(parameter.name);
    CHECK(weights[parameter.offset] ==
          doctest::Approx(parameter.name.find("bias") != std::string::npos ? 1 : 0.95));
  }
}
