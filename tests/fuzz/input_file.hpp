#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>

#include "core/error.hpp"

namespace rnn_rates::fuzz {

/// A folder of this process, in memory where the system has a place for that; gone at exit.
class Folder {
 public:
  Folder() {
    const bool in_memory = std::filesystem::is_directory("/dev/shm");
    std::string name = in_memory ? "/dev/shm/rnn_rates_fuzz.XXXXXX" : "/tmp/rnn_rates_fuzz.XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary | std::ios::trunc)
        .write(text.data(), static_cast<std::streamsize>(text.size()));
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Calls `work`. Only errors that say the input is bad may come out of it: all else is a finding.
template <class Work>
void refuse_or_read(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::input || error.kind() == ErrorKind::config) return;
    fmt::print(stderr, "an error of kind {}: {}\n", static_cast<int>(error.kind()), error.what());
    std::abort();
  }
}

}  // namespace rnn_rates::fuzz
