#include "run/outcome.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "run/pack.hpp"

using namespace rnn_rates;
using namespace rnn_rates::run;

namespace {

SessionOutcome failed(std::size_t session, ErrorKind kind) {
  return outcome_of(session, "day1", [&]() -> SessionReport { throw Error(kind, "failed"); });
}

SessionOutcome done(std::size_t session) {
  return outcome_of(session, "day1", [] { return SessionReport{{{"rates.h5"}}}; });
}

}  // namespace

TEST_CASE("what is thrown becomes the failure of a session") {
  CHECK_FALSE(done(3).failure);
  CHECK(failed(3, ErrorKind::input).session == 3);
  CHECK(failed(3, ErrorKind::input).failure->kind == ErrorKind::input);
  CHECK(failed(3, ErrorKind::stopped).stopped());
  const auto bug = outcome_of(0, "day1", []() -> SessionReport { throw std::logic_error("impossible"); });
  CHECK(bug.failure->kind == ErrorKind::bug);
}

TEST_CASE("parts of a session add up, and the first failure counts") {
  SessionOutcome all{.report = {{{"b.h5", OutputState::up_to_date}}}};
  all.add({.report = {{{"a.h5"}}}, .seconds = 2.0, .parts = {{"a", 2.0}}});
  CHECK(all.report.outputs.size() == 2);
  CHECK(*all.seconds == 2.0);
  all.add({.failure = Failure{ErrorKind::numerical, "diverged"}, .seconds = 1.0, .parts = {{"b", 1.0}}});
  all.add({.failure = Failure{ErrorKind::output, "disk full"}, .seconds = 1.0, .parts = {{"c", 1.0}}});
  CHECK(*all.seconds == 4.0);
  CHECK(all.parts.size() == 3);
  CHECK(all.failure->message == "diverged");
}

TEST_CASE("an outcome arrives at another rank as it was sent, whatever the file is called") {
  const inference::SessionScores scores{.metrics = {{"fit", "r2", "meaning", "1", 0.1}},
                                        .tables = {{"fit", {{.method = inference::Method::gpfa}}}},
                                        .verdicts = {{"fit", inference::Verdict::do_not_use, "why"}}};
  const SessionOutcome sent{.session = 7,
                            .report = {{{"caf\xe9.h5", OutputState::to_do, "digest"}}, scores},
                            .failure = Failure{ErrorKind::stopped, "stopped"},
                            .seconds = 0.1,
                            .parts = {{"fit", 0.1}}};
  const auto got = unpack<SessionOutcome>(pack(sent));
  CHECK(got.session == 7);
  REQUIRE(got.report.outputs.size() == 1);
  CHECK(got.report.outputs[0].path == sent.report.outputs[0].path);
  CHECK(got.report.outputs[0].state == OutputState::to_do);
  CHECK(got.report.outputs[0].content_digest == "digest");
  REQUIRE(got.report.scores->metrics.size() == 1);
  CHECK(got.report.scores->metrics[0].name == "r2");
  CHECK(got.report.scores->metrics[0].value == 0.1);
  REQUIRE(got.report.scores->tables.size() == 1);
  CHECK(got.report.scores->tables[0].methods.at(0).method == inference::Method::gpfa);
  CHECK(std::isnan(got.report.scores->tables[0].methods[0].standard_error));
  CHECK(inference::worst(got.report.scores->verdicts)->verdict == inference::Verdict::do_not_use);
  CHECK(got.stopped());
  CHECK(*got.seconds == 0.1);
  CHECK(got.parts[0].name == "fit");
  CHECK_FALSE(unpack<SessionOutcome>(pack(done(0))).failure);
  CHECK_FALSE(unpack<SessionOutcome>(pack(done(0))).report.scores);
  CHECK_FALSE(unpack<std::optional<SessionOutcome>>(pack(std::optional<SessionOutcome>())));
}

TEST_CASE("the exit code tells a failure from a stop and from some failures") {
  Outcomes all_well(false);
  all_well.add(done(0), 0);
  CHECK(all_well.exit_code(1, 1) == 0);
  CHECK(all_well.exit_code(1, 2) == 75);

  Outcomes keeps_going(true);
  keeps_going.add(failed(0, ErrorKind::input), 0);
  keeps_going.add(done(1), 1);
  CHECK(keeps_going.exit_code(2, 2) == 8);
  CHECK(keeps_going.sessions().size() == 2);
  keeps_going.add(failed(2, ErrorKind::stopped), 0);
  CHECK(keeps_going.exit_code(3, 3) == 75);

  Outcomes ended_by_failure(false);
  ended_by_failure.add(failed(0, ErrorKind::output), 0);
  ended_by_failure.add(failed(1, ErrorKind::stopped), 0);
  CHECK(ended_by_failure.exit_code(2, 3) == static_cast<int>(ErrorKind::output));
  CHECK(ended_by_failure.sessions().size() == 1);
}
