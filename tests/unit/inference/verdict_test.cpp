#include "inference/verdict.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "inference/evidence.hpp"
#include "support/expect_error.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

namespace {

/// Of rates that nothing can be said against.
Evidence sound() {
  Evidence evidence;
  evidence.published = MethodScore{.method = Method::combined,
                                   .bits_per_hidden_spike = 0.2,
                                   .standard_error = 0.01,
                                   .bits_over_best_simple = 0.05,
                                   .over_best_simple_standard_error = 0.01,
                                   .per_fold = {0.2, 0.25, 0.15, 0.2}};
  evidence.simple =
      MethodScore{.method = Method::gaussian, .bits_per_hidden_spike = 0.15, .standard_error = 0.01};
  evidence.trials = 60;
  evidence.spikes_per_unit = 500;
  evidence.networks = 4;
  return evidence;
}

void check(const Evidence& evidence, Verdict verdict, const std::string& why) {
  const FitVerdict found = judge("fit", evidence);
  CAPTURE(found.why);
  CHECK(found.fit == "fit");
  CHECK(word(found.verdict) == word(verdict));
  CHECK(found.why.find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("rates that predict hidden spikes better than simple methods are good") {
  check(sound(), Verdict::good, "0.200 ± 0.010 bits per spike, 0.050 ± 0.010 more than a Gaussian kernel");
}

TEST_CASE("gains that change much are mentioned") {
  Evidence evidence = sound();
  evidence.spread_of_gains = 0.2;
  check(evidence, Verdict::good, "They follow units' gains, which change by 22% across trials.");
}

TEST_CASE("where nothing predicts hidden spikes, rates are constant as far as one can tell") {
  Evidence evidence = sound();
  evidence.published->bits_per_hidden_spike = 0.019;
  evidence.simple->bits_per_hidden_spike = 0.019;
  check(evidence, Verdict::do_not_use, "Nothing to infer: as far as these spikes tell, rates are constant");
  evidence.published->bits_per_hidden_spike = 0.021;
  evidence.simple->bits_per_hidden_spike = 0.001;
  check(evidence, Verdict::good, "0.021");
  // A score without an error, of a single trial, says nothing.
  evidence.published->standard_error = evidence.simple->standard_error = std::nan("");
  check(evidence, Verdict::do_not_use, "Nothing to infer");
}

TEST_CASE("rates that a simple method beats are not to be used") {
  Evidence evidence = sound();
  evidence.published->bits_over_best_simple = -0.011;
  check(evidence, Verdict::do_not_use,
        "A Gaussian kernel predicts hidden spikes better (0.150 ± 0.010 bits per spike");
  // Not by less than its error, or by next to nothing.
  evidence.published->bits_over_best_simple = -0.009;
  check(evidence, Verdict::use_with_care, "about as well");
  evidence.published->bits_over_best_simple = -0.007;
  evidence.published->over_best_simple_standard_error = 0.001;
  check(evidence, Verdict::use_with_care, "about as well");
  // Also where they are too uncertain to tell by how much.
  evidence = sound();
  evidence.published->standard_error = 0.11;
  check(evidence, Verdict::do_not_use, "A Gaussian kernel predicts hidden spikes better");
}

TEST_CASE("rates that are not certainly better than a simple method need care") {
  Evidence evidence = sound();
  evidence.published->over_best_simple_standard_error = 0.026;
  check(evidence, Verdict::use_with_care, "A Gaussian kernel predicts hidden spikes about as well");
  evidence.published->over_best_simple_standard_error = 0.024;
  check(evidence, Verdict::good, "");
}

TEST_CASE("rates of which no trial was held out need care") {
  Evidence evidence = sound();
  evidence.published.reset();
  evidence.simple.reset();
  check(evidence, Verdict::use_with_care, "No trial was held out");
}

TEST_CASE("a fold in which rates predict nothing calls for care") {
  Evidence evidence = sound();
  evidence.published->per_fold = {0.3, 0.3, 0.3, -0.1};
  check(evidence, Verdict::use_with_care, "The folds disagree: in 1 of 4");
}

TEST_CASE("networks that were best right at the start call for care where they are half of all") {
  Evidence evidence = sound();
  evidence.stalled_networks = 1;
  check(evidence, Verdict::good, "");
  evidence.stalled_networks = 2;
  check(evidence, Verdict::use_with_care, "2 of 4 networks");
}

TEST_CASE("few trials and few spikes call for care") {
  Evidence evidence = sound();
  evidence.trials = 11;
  check(evidence, Verdict::use_with_care, "11 trials are few");
  evidence = sound();
  evidence.spikes_per_unit = 40;
  check(evidence, Verdict::use_with_care, "Half of the units have fewer than 41 spikes");
}

TEST_CASE("units that drift call for care") {
  Evidence evidence = sound();
  evidence.drift = 0.7;
  check(evidence, Verdict::use_with_care, "by a factor of 2.0");
}

TEST_CASE("rates that tell what they must not call for care in the whole session") {
  CHECK_FALSE(judge_leaks({}));
  const auto found = judge_leaks({"rates tell the condition beforehand", "regions are coupled"});
  REQUIRE(found);
  CHECK(found->fit == "session");
  CHECK(found->verdict == Verdict::use_with_care);
  CHECK(found->why == "rates tell the condition beforehand.");
}

TEST_CASE("the session's verdict is the most severe of its fits'") {
  CHECK(worst({}) == nullptr);
  const std::vector<FitVerdict> verdicts = {
      {"a", Verdict::good, ""}, {"b", Verdict::do_not_use, ""}, {"c", Verdict::do_not_use, ""}};
  CHECK(worst(verdicts)->fit == "b");
}

TEST_CASE("drift is the change of rate between the halves of a session beyond what Poisson counts vary by") {
  FitData data = small_fit();
  // The third unit never spikes. Of the first, trials in the later half have 4 times the spikes of the
  // others.
  for (std::size_t trial = 0; trial < 8; ++trial) {
    for (std::size_t bin = 0; bin < 20; ++bin) {
      data.counts(trial, 0, bin) = trial % 4 < 2 ? 1 : 4;
      data.counts(trial, 1, bin) = 2;
    }
  }
  const double change = std::log(4.0);
  const double expected = (change * change - 1.0 / 80 - 1.0 / 320 - 2.0 / 160) / 2;
  CHECK(drift_of_units(data) == doctest::Approx(std::sqrt(expected)));
  // In the order of time, high and low trials alternate.
  data.fit.trial_time_s = {0, 30, 10, 40, 0, 30, 10, 40};
  CHECK(drift_of_units(data) == 0.0);
  // Bins that were not observed do not count.
  data.fit.trial_time_s = {};
  data.observed = Array<std::uint8_t, 3>(data.counts.shape(), 1);
  for (std::size_t bin = 0; bin < 20; ++bin) {
    data.observed(0, 0, bin) = 0;
    data.counts(0, 0, bin) = 60;
  }
  CHECK(drift_of_units(data) ==
        doctest::Approx(std::sqrt((change * change - 1.0 / 60 - 1.0 / 320 - 2.0 / 160) / 2)));
}

TEST_CASE("evidence is gathered from scores, spikes and networks") {
  const FitData data = small_fit();
  ScoreTable table{"fit",
                   {{.method = Method::gaussian, .bits_per_hidden_spike = 0.3},
                    {.method = Method::rnn, .bits_per_hidden_spike = 0.1}}};
  FitModel stalled = constant_gru(1), learned = constant_gru(1), unvalidated = constant_gru(1);
  stalled.validation_steps = learned.validation_steps = {25, 50};
  stalled.best_step = 25;
  learned.best_step = 50;
  FitModel unmoved = learned, moved = learned;
  unmoved.validation_steps = moved.validation_steps = {0, 25, 50};  // The start is a candidate, too.
  unmoved.best_step = 0;
  const Evidence evidence = gather_evidence(data, {}, table, {stalled, learned, unvalidated, unmoved, moved});
  CHECK(evidence.published->bits_per_hidden_spike == 0.1);
  CHECK(evidence.simple->method == Method::gaussian);
  CHECK(evidence.trials == 8);
  CHECK(evidence.spikes_per_unit > 100);
  CHECK(evidence.networks == 5);
  CHECK(evidence.stalled_networks == 2);
  CHECK_FALSE(gather_evidence(data, {}, {}, {}).published);
}
