#pragma once

#include <string>

#include "run/context.hpp"
#include "session/recording.hpp"

namespace rnn_rates::run {

/// How settings and flags say that a recording is read; `input` is the flag --input.
session::RecordingOptions recording_options(const Context& context, const config::ExtractBins& settings,
                                            const std::string& input);

}  // namespace rnn_rates::run
