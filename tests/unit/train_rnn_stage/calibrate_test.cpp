#include "train_rnn/calibrate.hpp"

#include <doctest/doctest.h>

using namespace rnn_rates;

TEST_CASE("steps of either network take a time comparable to that of the machine the estimate was made on") {
  // Sanitizers and machines that others use make steps ten times as long and more.
  for (const NetworkKind kind : {NetworkKind::masked_gru, NetworkKind::autoencoder}) {
    const double ratio = train_rnn::step_time_ratio(kind);
    CHECK(ratio > 0.1);
    CHECK(ratio < 1000);
  }
}
