#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace rnn_rates {

/// What a text file that somebody named holds; a pipe is read until its writer ends, unless a stop is asked
/// for. Throws Error(`kind`), "PATH: `failure`: reason", where it cannot be read, nobody writes into the
/// pipe, or there are more than `longest` bytes, as in a device without end; Error(stopped).
std::string read_text(const std::filesystem::path& path, ErrorKind kind, const std::string& failure,
                      std::size_t longest = std::size_t{64} << 20);

}  // namespace rnn_rates
