#pragma once

#include <string>

namespace rnn_rates::train_rnn {

/// How many times as long as expected_cost() says a training step of this model.kind takes on this machine:
/// the median of some steps of a usual network on the fused engine, timed now in a tenth of a second.
double step_time_ratio(const std::string& model_kind);

}  // namespace rnn_rates::train_rnn
