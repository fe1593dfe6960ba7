#pragma once

#include <exception>
#include <string>

#include "core/error.hpp"

namespace rnn_rates {

/// What a program says of anything thrown, and its exit code: an Error speaks for itself; memory that `who`,
/// a session or program, did not get is a runtime error; a file or folder that cannot be looked at, such as
/// one that vanished, is an output error; whatever else the system refuses, such as a thread, is a runtime
/// error; all else is a bug.
Error failure_of(const std::exception& thrown, const std::string& who);

}  // namespace rnn_rates
