#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/atomic_file.hpp"
#include "h5/file.hpp"

namespace rnn_rates::h5 {

/// What an edit changes in a file: pages that are new, to be written over those of a copy.
struct Edit {
  static constexpr std::size_t page_bytes = std::size_t{1} << 12;

  std::map<std::uint64_t, std::string> pages;  ///< by offset, a multiple of page_bytes; the last may reach
                                               ///< beyond the end
  std::uint64_t size = 0;                      ///< of the file afterwards
};

/// Calls `change` with the HDF5 file `path` open for changes, which are kept in memory and returned, so that
/// HDF5 never meets a disk that takes nothing more: version 1.10 crashes there. Throws as File::open_edit()
/// and `change` do, Error(input) where the file cannot be read.
Edit edit_in_memory(const std::filesystem::path& path, const std::function<void(File&)>& change);

/// The bytes of a new HDF5 file with what `fill` writes into it. It lives in memory for the same reason;
/// `name` stands in messages.
std::string build_image(const std::filesystem::path& name, const std::function<void(File&)>& fill);

/// Writes what was changed over `copy`, a copy of the file. `before_each` is called before each page and may
/// throw. Throws Error(output).
void write_edit(const Edit& edit, AtomicFile& copy, const std::function<void()>& before_each = {});

}  // namespace rnn_rates::h5
