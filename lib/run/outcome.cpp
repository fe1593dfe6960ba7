#include "run/outcome.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.hpp"
#include "core/stop.hpp"

namespace rnn_rates::run {

void SessionOutcome::add(SessionOutcome part) {
  std::move(part.report.outputs.begin(), part.report.outputs.end(), std::back_inserter(report.outputs));
  std::move(part.parts.begin(), part.parts.end(), std::back_inserter(parts));
  seconds = seconds.value_or(0.0) + part.seconds.value_or(0.0);
  if (failure) return;
  failure = std::move(part.failure);
  if (part.report.scores) report.scores = std::move(part.report.scores);
}

SessionOutcome outcome_of(std::size_t session, const std::string& id,
                          const std::function<SessionReport()>& work) {
  SessionOutcome outcome{.session = session};
  try {
    outcome.report = work();
  } catch (const std::exception& thrown) {
    const Error error = failure_of(thrown, id);
    outcome.failure = {error.kind(), error.what()};
  }
  return outcome;
}

void Outcomes::add(SessionOutcome outcome, int rank) {
  if (outcome.stopped()) {
    // Only the first says why; the others follow from it, or from a failure.
    if (!ended_by_failure() && !stopped_) spdlog::warn("{}", outcome.failure->message);
    stopped_ = true;
    if (!stop_requested()) request_stop("another rank");
    if (ended_by_failure()) return;
  } else if (outcome.failure) {
    // Several parts of a session may fail for the same reason.
    if (said_.insert(outcome.failure->message).second) spdlog::error("{}", outcome.failure->message);
    if (first_failure_ == 0) first_failure_ = static_cast<int>(outcome.failure->kind);
    if (!keep_going_ && !stop_requested()) request_stop("a failure");
  } else if (rank > 0) {
    for (const Output& output : outcome.report.outputs)
      spdlog::info("{} {} by rank {}", output.path.string(), word(output.state), rank);
  }
  const auto found = sessions_.find(outcome.session);
  if (found != sessions_.end()) return found->second.add(std::move(outcome));
  sessions_.emplace(outcome.session, std::move(outcome));
}

int Outcomes::exit_code(std::size_t ended, std::size_t pieces) const {
  if (ended_by_failure()) return first_failure_;
  if (!stopped_ && ended < pieces)
    spdlog::warn("stopped by {}, {} of {} done: run again to continue", stop_reason(), ended, pieces);
  if (stopped_ || ended < pieces) return static_cast<int>(ErrorKind::stopped);
  return first_failure_ != 0 ? static_cast<int>(ErrorKind::some_failed) : 0;
}

}  // namespace rnn_rates::run
