#pragma once

#include "core/choices.hpp"

namespace rnn_rates::train_rnn {

/// How many times as long as expected_cost() says a training step of this kind of network takes on this
/// machine: the median of some steps of a usual network on the fused engine, timed now in a tenth of a
/// second.
double step_time_ratio(NetworkKind network);

}  // namespace rnn_rates::train_rnn
