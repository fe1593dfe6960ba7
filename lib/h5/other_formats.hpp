#pragma once

#include <filesystem>
#include <string>

namespace rnn_rates::h5 {

/// What a file is that HDF5 cannot open, and what to do with it, as the end of a sentence that begins with
/// its name: data that git-annex or Git LFS has not fetched, a file of a newer HDF5, another format. "" where
/// it is not known.
std::string recognise(const std::filesystem::path& path);

}  // namespace rnn_rates::h5
