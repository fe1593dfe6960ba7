#pragma once

#include <string>

#include "cli/context.hpp"
#include "session/recording.hpp"

namespace rnn_rates::cli {

/// How settings and flags say that a recording is read; `input` is the flag --input.
session::RecordingOptions recording_options(const Context& context, const std::string& input);

}  // namespace rnn_rates::cli
