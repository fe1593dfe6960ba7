#pragma once

#include <filesystem>
#include <vector>

#include "run/context.hpp"

namespace rnn_rates::run {

/// Throws Error(usage) where results of one of these sessions would lie in the folder of a recording, which
/// would take them for recordings.
void check_folders_of_results(const std::vector<SessionFolder>& sessions);

/// Throws Error(output) where a file that a stage writes for the session is one of `inputs`, by whatever name
/// or link, so that no input is ever an output.
void check_no_output_is(const std::vector<std::filesystem::path>& inputs, const SessionFolder& session);

/// The files that may be the session's recording, or read with it.
std::vector<std::filesystem::path> possible_inputs(const SessionFolder& session);

}  // namespace rnn_rates::run
