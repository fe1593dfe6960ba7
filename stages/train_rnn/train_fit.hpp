#pragma once

#include <functional>

#include "artifact/model_file.hpp"
#include "artifact/pca_file.hpp"
#include "config/config.hpp"

namespace rnn_rates::train_rnn {

/// Trains the network of one fit of `session`. `after_step` is told the latest losses (train, validation; NaN
/// before the first validation). Throws Error(numerical) on divergence, Error(config) for a forecast that
/// does not fit the bins, Error(usage) for a device that is not there.
artifact::FitModel train_fit(
    const artifact::SessionScores& session, const artifact::FitScores& fit, const config::Config& config,
    const std::function<void(double train_loss, double validation_loss)>& after_step);

}  // namespace rnn_rates::train_rnn
