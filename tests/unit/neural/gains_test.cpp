#include "neural/gains.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

std::uint16_t poisson(RandomStream& random, double mean) {
  std::uint16_t count = 0;
  for (double product = random.uniform(); product > std::exp(-mean); product *= random.uniform()) ++count;
  return count;
}

constexpr double bin_ms = 25;

/// Units of constant expected rates, whose true gains follow slow waves of that depth.
struct Session {
  Array<std::uint16_t, 3> counts{{80, 10, 20}};
  Array<float, 3> expected_hz{{80, 10, 20}, 20.0f};
  Array<double, 2> gain{{80, 10}};
  std::vector<double> places = std::vector<double>(80);
  std::vector<std::uint32_t> condition = std::vector<std::uint32_t>(80);
};

Session drifting(double depth) {
  Session session;
  RandomStream random(7);
  for (std::size_t trial = 0; trial < 80; ++trial) {
    session.places[trial] = static_cast<double>(trial);
    for (std::size_t unit = 0; unit < 10; ++unit) {
      const double phase = static_cast<double>(unit) + static_cast<double>(trial) / 12.0;
      session.gain(trial, unit) = std::exp(depth * std::sin(phase));
      for (std::size_t bin = 0; bin < 20; ++bin)
        session.counts(trial, unit, bin) = poisson(random, session.gain(trial, unit) * 0.5);
    }
  }
  return session;
}

Array<double, 2> gains_of(const Session& session, const Hidden& hidden = {},
                          std::span<const std::vector<std::uint32_t>> overlapping = {}) {
  return estimate_gains(trial_totals(session.counts, session.expected_hz, hidden, bin_ms), session.places,
                        session.condition, overlapping);
}

double log_error(const Array<double, 2>& found, const Array<double, 2>& expected) {
  double squares = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i)
    squares += std::pow(std::log(found.values()[i] / expected.values()[i]), 2);
  return std::sqrt(squares / static_cast<double>(found.size()));
}

/// Root mean square of the log.
double spread(const Array<double, 2>& gains) {
  return log_error(gains, Array<double, 2>(gains.shape(), 1.0));
}

}  // namespace

TEST_CASE("gains that drift are found") {
  const Session session = drifting(0.5);
  const Array<double, 2> found = gains_of(session), none(found.shape(), 1.0);
  CHECK(log_error(found, session.gain) < 0.5 * log_error(none, session.gain));
}

TEST_CASE("gains leave levels as they are") {
  Session session = drifting(0.5);
  const Array<double, 2> before = gains_of(session);
  for (float& rate_hz : session.expected_hz.values()) rate_hz *= 3.0f;
  CHECK(log_error(gains_of(session), before) < 1e-6);
}

TEST_CASE("gains are exactly 1 where none drift") {
  const Session session = drifting(0.0);
  const Array<double, 2> found = gains_of(session);
  CHECK(std::all_of(found.values().begin(), found.values().end(), [](double gain) { return gain == 1.0; }));
}

TEST_CASE("gains know nothing of what is hidden") {
  Session session = drifting(0.5);
  const Hidden hidden = hide_part(block_parts(session.counts.shape(), 4, 4, 80, 1), 0);
  const Array<double, 2> before = gains_of(session, hidden);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    if (hidden.values()[i] != 0) session.counts.values()[i] = 9;
  }
  CHECK(gains_of(session, hidden) == before);
}

TEST_CASE("a trial's gain knows neither its own spikes nor those of trials that share some with it") {
  Session session = drifting(0.5);
  std::vector<std::vector<std::uint32_t>> overlapping(80);
  overlapping[40] = {39, 41};
  const Array<double, 2> before = gains_of(session, {}, overlapping);
  for (const std::size_t trial : {40U, 41U}) {
    for (std::size_t bin = 0; bin < 20; ++bin) session.counts(trial, 3, bin) += 1;
  }
  const Array<double, 2> after = gains_of(session, {}, overlapping);
  CHECK(after(40, 3) == doctest::Approx(before(40, 3)).epsilon(1e-12));
  CHECK(after(42, 3) > before(42, 3));
}

TEST_CASE("where conditions come in blocks, what sets a block apart is no gain") {
  Session session = drifting(0.0);
  for (std::uint32_t trial = 0; trial < 80; ++trial) {
    session.condition[trial] = trial / 20;
    // Expected are the rates of the units' means, counted those of each condition.
    for (std::size_t unit = 0; unit < 10; ++unit) {
      for (std::size_t bin = 0; bin < 20; ++bin)
        session.counts(trial, unit, bin) *= static_cast<std::uint16_t>(1 + (trial / 20 + unit) % 4);
    }
  }
  const Array<double, 2> found = gains_of(session);
  CHECK(std::all_of(found.values().begin(), found.values().end(), [](double gain) { return gain == 1.0; }));
}

TEST_CASE("where trials' order is not known, gains are the same for all conditions") {
  Session session = drifting(0.5);
  for (std::uint32_t trial = 0; trial < 80; ++trial) session.condition[trial] = trial % 4;
  for (double& place : session.places) place -= std::fmod(place, 4.0);
  const Array<double, 2> found = gains_of(session);
  CHECK(spread(found) > 0.1);
  for (std::size_t trial = 0; trial < 80; ++trial) {
    for (std::size_t unit = 0; unit < 10; ++unit)
      CHECK(found(trial, unit) == doctest::Approx(found(trial - trial % 4, unit)).epsilon(1e-12));
  }
}

TEST_CASE("trials stand in the order of time, or as if conditions took turns") {
  const std::vector<std::uint32_t> condition = {0, 0, 0, 1, 1};
  const std::vector<double> time_s = {9, 2, 5, 3, 1};
  CHECK(places_in_session(condition, time_s) == std::vector<double>{4, 1, 3, 2, 0});
  CHECK(places_in_session(condition, {}) == std::vector<double>{0, 2, 4, 0, 2});
}

TEST_CASE("gains multiply rates") {
  Array<float, 3> rates_hz({1, 2, 2}, {1, 2, 3, 4});
  multiply_gains(Array<double, 2>({1, 2}, {2.0, 0.5}), rates_hz);
  CHECK(rates_hz == Array<float, 3>({1, 2, 2}, {2, 4, 1.5, 2}));
}
