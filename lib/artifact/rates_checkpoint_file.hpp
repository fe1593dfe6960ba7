#pragma once

#include "h5/file.hpp"
#include "inference/predict.hpp"

namespace rnn_rates::artifact {

/// What rates_<fit>.ckpt.h5 holds.
void write_predictions(h5::File& file, const inference::Predictions& predictions);
/// Throws Error(input).
inference::Predictions read_predictions(const h5::File& file);

}  // namespace rnn_rates::artifact
