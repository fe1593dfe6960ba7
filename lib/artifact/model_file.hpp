#pragma once

#include "h5/file.hpp"
#include "inference/fit_model.hpp"

namespace rnn_rates::artifact {

void write_model(h5::File& file, const inference::FitModel& model);
/// Throws Error(input).
inference::FitModel read_model(const h5::File& file);

}  // namespace rnn_rates::artifact
