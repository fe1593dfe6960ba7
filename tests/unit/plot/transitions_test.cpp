#include "plot/transitions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

using namespace rnn_rates;
using namespace rnn_rates::plot;

TEST_CASE("a transition is found where the latent state jumps") {
  constexpr std::size_t bins = 60;
  std::vector<double> time_ms;
  for (std::size_t bin = 0; bin < bins; ++bin)
    time_ms.push_back(-500.0 + 25.0 * (static_cast<double>(bin) + 0.5));
  const std::vector<std::size_t> jumps{30, 42};
  Array<float, 3> latents({jumps.size() + 1, 2, bins});
  for (std::size_t trial = 0; trial < jumps.size(); ++trial) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      latents(trial, 0, bin) = bin < jumps[trial] ? -1.0F : 1.0F;
      latents(trial, 1, bin) = bin < jumps[trial] ? 0.5F : 0.1F;
      latents(2, 0, bin) = bin < 10 ? -8.0F : 8.0F;  // before the stimulus, where none is looked for
    }
  }
  const std::vector<double> times = transition_times_ms(latents, time_ms, 25.0, 250.0);
  CHECK(times[0] == doctest::Approx(-500.0 + 25.0 * 30));
  CHECK(times[1] == doctest::Approx(-500.0 + 25.0 * 42));
  CHECK(times[2] >= 0.0);
  CHECK(std::isnan(transition_times_ms(latents, time_ms, 25.0, 1000.0)[0]));
}

TEST_CASE("a transition is one only where factors change together in a trial as they do not over trials") {
  constexpr std::size_t trials = 40, factors = 4, bins = 80;
  std::vector<double> time_ms;
  for (std::size_t bin = 0; bin < bins; ++bin) time_ms.push_back(25.0 * (static_cast<double>(bin) + 0.5));
  RandomStream random(1);
  Array<float, 3> noise({trials, factors, bins}), together = noise, apart = noise, at_once = noise;
  std::vector<double> at_ms;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    const std::size_t jump = 15 + random.below(50);
    at_ms.push_back(25.0 * static_cast<double>(jump));
    for (std::size_t factor = 0; factor < factors; ++factor) {
      const std::size_t own = 15 + random.below(50);
      for (std::size_t bin = 0; bin < bins; ++bin) {
        const auto value = static_cast<float>(0.3 * random.normal());
        noise(trial, factor, bin) = value;
        together(trial, factor, bin) = value + (bin < jump ? 0.0F : 1.0F);
        apart(trial, factor, bin) = value + (bin < own ? 0.0F : 1.0F);
        at_once(trial, factor, bin) = value + (bin < 40 ? 0.0F : 1.0F);
      }
    }
  }
  const auto found = [&](const Array<float, 3>& latents) {
    const auto times = certain_transition_times_ms(latents, time_ms, 25.0, 250.0);
    return std::count_if(times.begin(), times.end(), [](double time) { return std::isfinite(time); });
  };
  CHECK(found(together) > 36);
  const auto times = certain_transition_times_ms(together, time_ms, 25.0, 250.0);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    if (std::isfinite(times[trial])) CHECK(std::abs(times[trial] - at_ms[trial]) <= 75.0);
  }
  CHECK(found(noise) == 0);
  CHECK(found(apart) == 0);
  CHECK(found(at_once) == 0);  // What all trials do at one time, their mean shows.
  CHECK(certain_transition_times_ms(Array<float, 3>({4, 2, bins}), time_ms, 25.0, 250.0).size() == 4);
  CHECK(certain_transition_times_ms(Array<float, 3>({0, 2, bins}), time_ms, 25.0, 250.0).empty());
  CHECK(found(Array<float, 3>({trials, 1, bins})) == 0);
}
