#include "rnn/masked_counts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "rnn/dropout.hpp"

using namespace rnn_rates::rnn;

TEST_CASE("batches are drawn without replacement, evenly, anew at every step, and reproducibly") {
  std::vector<int> drawn(20, 0);
  std::set<std::vector<std::uint32_t>> different;
  for (std::uint32_t step = 0; step < 4000; ++step) {
    const auto batch = batch_trials(5, step, 20, 6);
    REQUIRE(batch.size() == 6);
    REQUIRE(std::is_sorted(batch.begin(), batch.end()));
    REQUIRE(std::set(batch.begin(), batch.end()).size() == 6);
    for (const auto trial : batch) ++drawn[trial];
    if (step < 50) different.insert(batch);
  }
  // 1200 expected with a standard deviation of 29.
  for (const int times : drawn) CHECK(std::abs(times - 1200) < 6 * 29);
  CHECK(different.size() > 45);
  CHECK(batch_trials(5, 7, 20, 6) == batch_trials(5, 7, 20, 6));
  CHECK(batch_trials(5, 7, 3, 6) == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(batch_trials(5, 7, 3, 0) == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("mask blocks cover all bins for every phase, and hide their share") {
  const MaskOptions mask{8, 0.25};
  std::set<std::size_t> phases;
  std::size_t hidden = 0, all = 0;
  for (std::uint32_t step = 0; step < 300; ++step) {
    const MaskPhase phase = mask_phase(mask, 9, step, 50);
    phases.insert(phase.phase);
    REQUIRE((49 + phase.phase) / 8 == phase.blocks - 1);
    std::vector<float> factors(phase.blocks * 10);
    dropout_factors(9, step, 0, 3, mask.probability, factors);
    all += factors.size();
    hidden += static_cast<std::size_t>(std::count(factors.begin(), factors.end(), 0.0f));
    for (const float factor : factors) REQUIRE((factor == 0.0f || factor == doctest::Approx(1 / 0.75)));
  }
  CHECK(phases.size() == 8);
  CHECK(static_cast<double>(hidden) / static_cast<double>(all) == doctest::Approx(0.25).epsilon(0.03));
}
