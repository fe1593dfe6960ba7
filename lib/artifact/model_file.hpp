#pragma once

#include "h5/file.hpp"
#include "inference/fit_model.hpp"
#include "inference/tuning.hpp"

namespace rnn_rates::artifact {

void write_model(h5::File& file, const inference::FitModel& model);
/// Throws Error(input).
inference::FitModel read_model(const h5::File& file);

/// What a network of a candidate of tuning told of hidden spikes.
void write_trial(h5::File& file, const inference::Runs& runs);
/// Throws Error(input).
inference::Runs read_trial(const h5::File& file);

}  // namespace rnn_rates::artifact
