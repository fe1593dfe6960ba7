#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// The bytes of a new HDF5 file with what `fill` writes into it. The file lives in memory only, because HDF5
/// does not survive a disk that fills up while it writes, and plain writing does; `name` stands in messages.
std::string build_image(const std::filesystem::path& name, const std::function<void(File&)>& fill);

}  // namespace rnn_rates::h5
