#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace rnn_rates::run {

/// Values as one rank sends them to another: as CBOR, in which file names that are not UTF-8 stay what they
/// are.
inline std::string pack(const nlohmann::json& value) {
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(value);
  return {bytes.begin(), bytes.end()};
}

inline nlohmann::json unpack(const std::string& bytes) { return nlohmann::json::from_cbor(bytes); }

}  // namespace rnn_rates::run
