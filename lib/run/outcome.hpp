#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "artifact/rates_file.hpp"
#include "core/choices.hpp"
#include "core/error.hpp"

namespace rnn_rates::run {

enum class OutputState : std::uint8_t {
  computed,
  up_to_date,
  to_do,  ///< in a dry run
  whole,  ///< checked by --verify
};

}  // namespace rnn_rates::run

namespace rnn_rates {
template <>
inline constexpr auto words_of<run::OutputState> = words("computed", "up to date", "to do", "whole");
}

namespace rnn_rates::run {

/// What became of one file of a session.
struct Output {
  std::filesystem::path path;
  OutputState state = OutputState::computed;
  std::string content_digest = {};
};

/// What a stage says of a session, or of a part of it.
struct SessionReport {
  std::vector<Output> outputs = {};
  std::optional<inference::SessionScores> scores = {};
};

struct Failure {
  ErrorKind kind;
  std::string message;
};

struct PartTime {
  std::string name;
  double seconds = 0;
};

/// What became of a session, or of a part of it.
struct SessionOutcome {
  std::size_t session = 0;  ///< its place among those of this run
  SessionReport report = {};
  std::optional<Failure> failure = {};
  std::optional<double> seconds = {};  ///< of work; none where none was begun
  std::vector<PartTime> parts = {};

  bool stopped() const { return failure && failure->kind == ErrorKind::stopped; }
  /// Adds what became of another part of the same session; of several failures the first counts.
  void add(SessionOutcome part);
};

/// What `work` reports of session number `session`, called `id`, or what it threw.
SessionOutcome outcome_of(std::size_t session, const std::string& id,
                          const std::function<SessionReport()>& work);

/// What became of the sessions of a run, put together on rank 0 from the parts of all ranks.
class Outcomes {
 public:
  explicit Outcomes(bool keep_going) : keep_going_(keep_going) {}

  /// Takes note of what became of a session, or of a part of it, on `rank`; says what failed, and requests
  /// the stop that follows from a failure or from another rank's stop.
  void add(SessionOutcome outcome, int rank);
  /// The program's exit code after `ended` of `pieces` of work.
  int exit_code(std::size_t ended, std::size_t pieces) const;
  /// By their places among those of this run; without those that only a failure of another one stopped.
  const std::map<std::size_t, SessionOutcome>& sessions() const { return sessions_; }

 private:
  bool ended_by_failure() const { return first_failure_ != 0 && !keep_going_; }

  bool keep_going_;
  std::map<std::size_t, SessionOutcome> sessions_;
  std::set<std::string> said_;
  int first_failure_ = 0;  ///< its exit code
  bool stopped_ = false;
};

}  // namespace rnn_rates::run
