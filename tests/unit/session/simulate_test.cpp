#include "session/simulate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "h5/attribute.hpp"
#include "session/recording.hpp"
#include "session_folder.hpp"

using namespace rnn_rates;
using namespace rnn_rates::session;
using namespace rnn_rates::test;

namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double center = mean(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - center) * (value - center);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

std::string bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The rate of one unit averaged over [first_ms, last_ms) of one trial.
double mean_hz(const SimulatedTrial& trial, std::size_t unit, double first_ms, double last_ms) {
  double sum = 0.0;
  const auto first = static_cast<std::size_t>(first_ms), last = static_cast<std::size_t>(last_ms);
  for (std::size_t ms = first; ms < last; ++ms) sum += static_cast<double>(trial.rate_hz(unit, ms));
  return sum / static_cast<double>(last - first);
}

const SimulationOptions small{
    .tastes = 2, .trials_per_taste = 3, .units = 4, .array_ms = 1000, .stim_ms = 300};

}  // namespace

TEST_CASE("a simulated session reads back as a recording with true rates") {
  const TemporaryFolder folder;
  simulate_session(folder / "deep/sim", small);
  const auto recording = open_recording(folder / "deep/sim", {});
  CHECK(recording->file() == folder / "deep/sim/sim.h5");
  CHECK(recording->units() == 4);
  CHECK(recording->array_ms() == 1000);
  REQUIRE(recording->tastes().size() == 2);
  CHECK(recording->tastes()[0].name == "sucrose");
  CHECK(recording->tastes()[1].name == "nacl");
  CHECK(recording->tastes()[1].dig_in == "dig_in_1");
  CHECK(recording->tastes()[1].trials == 3);
  CHECK(recording->unit_regions() == std::vector<std::string>(4, "all"));
  CHECK(h5::read_number_attribute(h5::File::open_read(recording->file()), "/spike_trains", "stim_ms") ==
        300.0);
  const auto truth = read_true_rates(*recording);
  REQUIRE(truth.has_value());
  CHECK(truth->bin_ms == 25.0);
  CHECK(truth->rate_hz.shape() == std::array<std::size_t, 3>{6, 4, 40});

  const SessionModel model = draw_session_model(small);
  RandomStream random = trial_stream(model, 1, 2);
  const SimulatedTrial trial = draw_trial(model, 1, 2, random);
  for (std::size_t unit = 0; unit < 4; ++unit) {
    CHECK(static_cast<double>(truth->rate_hz(5, unit, 7)) ==
          doctest::Approx(mean_hz(trial, unit, 175, 200)).epsilon(1e-6));
  }
}

TEST_CASE("equal seeds give equal files, others other spikes") {
  const TemporaryFolder folder;
  SimulationOptions other = small;
  other.seed = 2;
  simulate_session(folder / "a/sim", small);
  simulate_session(folder / "b/sim", small);
  simulate_session(folder / "c/sim", other);
  CHECK(bytes_of(folder / "a/sim/sim.h5") == bytes_of(folder / "b/sim/sim.h5"));
  CHECK(bytes_of(folder / "a/sim/sim.info") == bytes_of(folder / "b/sim/sim.info"));
  const auto spikes = [&](const char* name) {
    const h5::File file = h5::File::open_read(folder / name);
    return h5::read_array<std::uint8_t, 3>(file, "/spike_trains/dig_in_0/spike_array");
  };
  CHECK_FALSE(spikes("a/sim/sim.h5") == spikes("c/sim/sim.h5"));
}

TEST_CASE("sessions that cannot be simulated are refused") {
  for (const SimulationOptions bad :
       {SimulationOptions{.tastes = 0}, SimulationOptions{.trials_per_taste = 0},
        SimulationOptions{.units = 0}, SimulationOptions{.array_ms = 0, .stim_ms = 0},
        SimulationOptions{.array_ms = 7010}, SimulationOptions{.stim_ms = 7000}}) {
    expect_error(ErrorKind::config, {"cannot simulate", "25 ms bins"}, [&] { draw_session_model(bad); });
  }
  const SimulationOptions least{.tastes = 1, .trials_per_taste = 1, .units = 1, .array_ms = 25, .stim_ms = 0};
  const SessionModel model = draw_session_model(least);
  RandomStream random = trial_stream(model, 0, 0);
  CHECK(draw_trial(model, 0, 0, random).rate_hz.size() == 25);
}

TEST_CASE("spikes have the rates they are drawn from") {
  Array<float, 2> rates({3, 200000});
  std::fill_n(rates.data(), 200000, 5.0f);
  std::fill_n(rates.data() + 200000, 200000, 100.0f);
  for (std::size_t ms = 0; ms < 200000; ++ms) rates(2, ms) = ms % 1000 < 500 ? 2.0f : 40.0f;
  RandomStream random(3);
  std::vector<std::uint8_t> spikes(rates.size());
  draw_spikes(rates, random, spikes);
  CHECK(*std::max_element(spikes.begin(), spikes.end()) == 1);
  const auto count = [&](std::size_t unit, bool second_half) {
    double sum = 0.0;
    for (std::size_t ms = 0; ms < 200000; ++ms) {
      if ((ms % 1000 >= 500) == second_half) sum += spikes[unit * 200000 + ms];
    }
    return sum;
  };
  // Expected numbers over 100 s; binomial standard deviations sqrt(N p (1 - p)).
  const auto near = [](double found, double hz) {
    const double p = hz * 1e-3;
    CHECK(std::abs(found - 1e5 * p) < 4.0 * std::sqrt(1e5 * p * (1.0 - p)));
  };
  for (const bool half : {false, true}) {
    near(count(0, half), 5.0);
    near(count(1, half), 100.0);
  }
  near(count(2, false), 2.0);
  near(count(2, true), 40.0);
  double pairs = 0.0;  // a Poisson process has as many spikes right after a spike as anywhere
  for (std::size_t ms = 1; ms < 200000; ++ms) pairs += spikes[200000 + ms] * spikes[200000 + ms - 1];
  CHECK(pairs == doctest::Approx(2000.0).epsilon(0.1));
}

TEST_CASE("a whole session has plausible rates, and its counts follow them") {
  const TemporaryFolder folder;
  const SimulationOptions options;
  simulate_session(folder / "sim", options);
  const auto recording = open_recording(folder / "sim", {});
  const auto truth = read_true_rates(*recording);
  REQUIRE(truth.has_value());
  std::vector<double> expected(options.units, 0.0), found(options.units, 0.0);
  double squares = 0.0, windows = 0.0;
  for (std::size_t taste = 0; taste < options.tastes; ++taste) {
    for (std::size_t trial = 0; trial < options.trials_per_taste; ++trial) {
      const std::vector<double> spikes = whole_trial(*recording, taste, trial);
      for (std::size_t unit = 0; unit < options.units; ++unit) {
        for (std::size_t bin = 0; bin < options.array_ms / 25; ++bin) {
          const double mean_count = 0.025 * static_cast<double>(truth->rate_hz(
                                                taste * options.trials_per_taste + trial, unit, bin));
          const auto at = spikes.begin() + static_cast<std::ptrdiff_t>(unit * options.array_ms + bin * 25);
          const double count = std::accumulate(at, at + 25, 0.0);
          expected[unit] += mean_count;
          found[unit] += count;
          squares += (count - mean_count) * (count - mean_count) / mean_count;
          windows += 1.0;
        }
      }
    }
  }
  const double seconds =
      1e-3 * static_cast<double>(options.tastes * options.trials_per_taste * options.array_ms);
  std::vector<double> unit_hz;
  for (std::size_t unit = 0; unit < options.units; ++unit) {
    CHECK(std::abs(found[unit] - expected[unit]) < 4.0 * std::sqrt(expected[unit]));
    unit_hz.push_back(expected[unit] / seconds);
  }
  CHECK(*std::min_element(unit_hz.begin(), unit_hz.end()) > 1.5);
  CHECK(*std::max_element(unit_hz.begin(), unit_hz.end()) < 30.0);
  CHECK(mean(unit_hz) > 4.0);
  CHECK(mean(unit_hz) < 15.0);
  CHECK(squares / windows == doctest::Approx(1.0).epsilon(0.03));  // Fano factor about the true rates
}

TEST_CASE("transitions come in order at times that jitter from trial to trial") {
  const SessionModel model = draw_session_model({.trials_per_taste = 200, .units = 1});
  std::vector<double> detection, identity, palatability, end;
  for (std::size_t taste = 0; taste < 4; ++taste) {
    for (std::size_t trial = 0; trial < 200; ++trial) {
      RandomStream random = trial_stream(model, taste, trial);
      const Transitions at = draw_trial(model, taste, trial, random).transitions;
      detection.push_back(at.detection_ms - 2000.0);
      identity.push_back(at.identity_ms - at.detection_ms);
      palatability.push_back(at.palatability_ms - at.identity_ms);
      end.push_back(at.end_ms - at.palatability_ms);
    }
  }
  // A gamma of shape k, scaled by s and shifted by m, has mean m + s k and deviation s sqrt(k).
  const auto check_gamma = [](const std::vector<double>& intervals, double least, double scale,
                              double shape) {
    const double expected = scale * std::sqrt(shape);
    CHECK(*std::min_element(intervals.begin(), intervals.end()) > least);
    CHECK(std::abs(mean(intervals) - least - scale * shape) < 4.0 * expected / std::sqrt(800.0));
    CHECK(deviation(intervals) == doctest::Approx(expected).epsilon(0.15));
  };
  check_gamma(detection, 50.0, 20.0, 4.0);
  check_gamma(identity, 80.0, 40.0, 4.0);
  check_gamma(palatability, 250.0, 100.0, 4.0);
  check_gamma(end, 600.0, 250.0, 3.0);
}

TEST_CASE("rates change at each trial's own transitions") {
  const SessionModel model = draw_session_model({.units = 60});
  std::vector<double> jumps;
  for (std::size_t trial = 0; trial < 10; ++trial) {
    RandomStream random = trial_stream(model, 0, trial);
    const SimulatedTrial drawn = draw_trial(model, 0, trial, random);
    const double at = drawn.transitions.identity_ms;
    for (std::size_t unit = 0; unit < 60; ++unit) {
      const double change =
          std::log(mean_hz(drawn, unit, at + 30, at + 60) / mean_hz(drawn, unit, at - 60, at - 30));
      const double weight = model.identity_weight(0, unit) - 0.7 * model.detection_weight[unit];
      jumps.push_back(change * (weight > 0.0 ? 1.0 : -1.0));
    }
  }
  CHECK(mean(jumps) > 0.3);
}

TEST_CASE("units drift slowly over the session") {
  const SimulationOptions options{
      .tastes = 1, .trials_per_taste = 120, .units = 20, .array_ms = 1000, .stim_ms = 975};
  const SessionModel model = draw_session_model(options);
  std::vector<double> step, spread;
  for (std::size_t unit = 0; unit < options.units; ++unit) {
    // Averages of ten trials before the stimulus, where nothing else than drift lasts.
    std::vector<double> level;
    for (std::size_t block = 0; block < 12; ++block) {
      double sum = 0.0;
      for (std::size_t trial = 10 * block; trial < 10 * block + 10; ++trial) {
        RandomStream random = trial_stream(model, 0, trial);
        sum += std::log(mean_hz(draw_trial(model, 0, trial, random), unit, 0, 900));
      }
      level.push_back(sum / 10.0);
    }
    spread.push_back(deviation(level));
    for (std::size_t block = 1; block < level.size(); ++block)
      step.push_back(level[block] - level[block - 1]);
  }
  CHECK(mean(spread) > 0.05);
  CHECK(mean(spread) < 0.4);
  CHECK(deviation(step) < 1.2 * mean(spread));
}
