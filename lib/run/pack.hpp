#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "artifact/rates_file.hpp"
#include "run/pieces.hpp"
#include "session/manifest.hpp"

// What ranks send each other, member by member.

template <class T>
struct nlohmann::adl_serializer<std::optional<T>> {
  static void to_json(json& to, const std::optional<T>& from) { to = from ? json(*from) : json(nullptr); }
  static void from_json(const json& from, std::optional<T>& to) {
    if (!from.is_null()) to = from.get<T>();
  }
};

namespace rnn_rates::inference {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Metric, fit, name, meaning, units, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MethodScore, method, bits_per_hidden_spike, standard_error,
                                   bits_over_best_simple, over_best_simple_standard_error, co_bits_per_spike,
                                   per_unit, per_fold)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ScoreTable, fit, methods)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FitVerdict, fit, verdict, why)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionScores, metrics, tables, verdicts)
}  // namespace rnn_rates::inference

namespace rnn_rates::session {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionSpec, id, path, overrides)
}

namespace rnn_rates::run {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Output, path, state, content_digest)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionReport, outputs, scores)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Failure, kind, message)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartTime, name, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionOutcome, session, report, failure, seconds, parts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Part, name, cost_s, memory_bytes, units)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Piece, session, part)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedSession, outcome, parts, goes_on)

/// A value as one rank sends it to another: as CBOR, in which file names that are not UTF-8 stay what they
/// are.
template <class T>
std::string pack(const T& value) {
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(nlohmann::json(value));
  return {bytes.begin(), bytes.end()};
}

template <class T>
T unpack(const std::string& bytes) {
  return nlohmann::json::from_cbor(bytes).get<T>();
}

}  // namespace rnn_rates::run
