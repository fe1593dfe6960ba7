#pragma once

#include "artifact/pca_file.hpp"
#include "config/config.hpp"
#include "run/stage.hpp"

namespace rnn_rates::train_rnn {

/// What training the network `name` of a fit will take at most: time on one core of the machine that the
/// constants were measured on (see step_time_ratio() for others), memory, steps. Early stops are not
/// foreseen.
run::Part expected_cost(const std::string& name, const artifact::FitOutline& fit,
                        const config::TrainRnn& settings, const config::Execution& execution);

/// How many times as long as expected_cost() says a training step of this kind of network takes on this
/// machine: the median of some steps of a usual network on the fused engine, timed now in a tenth of a
/// second.
double step_time_ratio(NetworkKind network);

}  // namespace rnn_rates::train_rnn
