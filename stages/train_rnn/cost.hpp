#pragma once

#include "artifact/pca_file.hpp"
#include "config/config.hpp"
#include "run/stage.hpp"

namespace rnn_rates::train_rnn {

/// What training the network `name` of a fit will take at most: time on one core of the machine that the
/// constants were measured on (see calibrate.hpp for others), memory, steps. Early stops are not foreseen.
run::Part expected_cost(const std::string& name, const artifact::FitOutline& fit,
                        const config::TrainRnn& settings, const config::Execution& execution);

}  // namespace rnn_rates::train_rnn
