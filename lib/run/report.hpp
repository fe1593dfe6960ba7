#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mpi/share.hpp"
#include "run/choose_sessions.hpp"
#include "run/estimate.hpp"
#include "run/outcome.hpp"

namespace rnn_rates::run {

/// What a run has to say when it is over.
struct Summary {
  std::string stage;
  const std::vector<ChosenSession>& sessions;
  const std::map<std::size_t, SessionOutcome>& outcomes;
  const std::vector<mpi::RankTiming>& ranks;  ///< empty where no work was shared out
  const std::optional<Estimate>& estimate;    ///< of a dry run
};

/// Logs what each rank did and prints what goes to stdout, with --json all of it. Returns the exit code,
/// which was `code` before.
int say_at_the_end(const Summary& summary, const CommonOptions& options, int code);

/// As text; file names need not be UTF-8, JSON must be.
std::string dump(const nlohmann::json& json, int indent);

/// Writes to stdout at once. Throws Error(output) where that does not take it, as a file on a full disk.
void print(const std::string& text);

}  // namespace rnn_rates::run
