#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace rnn_rates::test {

/// A file of the folder with recordings and golden numbers that RNN_RATES_SHARED names. Nothing, with a
/// message that makes CTest count the test as skipped, where it is not at hand.
inline std::optional<std::filesystem::path> shared_file(const std::string& name) {
  const char* folder = std::getenv("RNN_RATES_SHARED");
  const std::filesystem::path path = std::filesystem::path(folder != nullptr ? folder : "") / name;
  if (folder != nullptr && std::filesystem::exists(path)) return path;
  MESSAGE("SKIPPED: RNN_RATES_SHARED names no folder with ", name);
  return {};
}

}  // namespace rnn_rates::test
