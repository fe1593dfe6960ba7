#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mpi/share.hpp"
#include "run/context.hpp"

namespace rnn_rates::run {

/// What a stage says of its sessions at the end, put together from the parts of all ranks.
class Report {
 public:
  /// Adds what became of a part of session number `session`; of several failures the first
  /// counts.
  void add(std::size_t session, nlohmann::json entry);
  /// One entry a session, in their order.
  nlohmann::json sessions() const;

 private:
  std::map<std::size_t, nlohmann::json> entries_;
};

nlohmann::json to_json(const std::string& session_id, const SessionReport& report);

/// As text; file names need not be UTF-8, JSON must be.
std::string dump(const nlohmann::json& json, int indent);

/// Writes to stdout at once. Throws Error(output) where that does not take it, as a file on a full disk.
void print(const std::string& text);

/// What each rank did, with numbers for a machine.
nlohmann::json to_json(const std::vector<mpi::RankTiming>& ranks);
/// Least, mean and greatest of it over the ranks, a line each; what each did where `each`.
std::vector<std::string> timing_table(const std::vector<mpi::RankTiming>& ranks, bool each);

}  // namespace rnn_rates::run
