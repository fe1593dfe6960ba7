#include "neural/response_variance.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "core/random.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

constexpr std::size_t block_bins = 8, trials = 240, blocks = 15, bins = blocks * block_bins;
constexpr double bin_ms = 25.0;

unsigned poisson(RandomStream& random, double mean) {
  unsigned count = 0;
  double left = random.uniform();
  while (left > std::exp(-mean)) {
    left *= random.uniform();
    ++count;
  }
  return count;
}

/// Spikes of rates that keep still within a block and are gamma distributed over blocks, so that the best
/// predictions are known: shape / scale before, (shape + spikes) / (scale + bins) after the block was seen.
struct GammaBlocks {
  Array<float, 3> shown_hz, hidden_hz;
  Array<std::uint16_t, 3> counts;
  Array<std::uint8_t, 3> parts;
  Observed observed;
  std::vector<double> squared_error;  ///< (unit) mean of that of the log rate

  /// (unit) shape and mean in spikes per bin
  GammaBlocks(const std::vector<std::pair<double, double>>& units)
      : shown_hz({trials, units.size(), bins}),
        hidden_hz({trials, units.size(), bins}),
        counts({trials, units.size(), bins}),
        parts({trials, units.size(), bins}),
        squared_error(units.size(), 0.0) {
    RandomStream random(7);
    for (std::size_t trial = 0; trial < trials; ++trial) {
      for (std::size_t unit = 0; unit < units.size(); ++unit) {
        for (std::size_t block = 0; block < blocks; ++block) add(random, trial, unit, block, units[unit]);
      }
    }
  }

  ShownBlocks shown() const { return {shown_hz, hidden_hz, counts, parts, bin_ms, observed}; }

  void add(RandomStream& random, std::size_t trial, std::size_t unit, std::size_t block,
           const std::pair<double, double>& prior) {
    const auto [shape, mean] = prior;
    const double scale = shape / mean, rate = random.gamma(shape) / scale;
    double spikes = 0.0;
    for (std::size_t bin = block * block_bins; bin < (block + 1) * block_bins; ++bin) {
      const unsigned count = poisson(random, rate);
      counts(trial, unit, bin) = static_cast<std::uint16_t>(count);
      spikes += count;
    }
    const double shown = (shape + spikes) / (scale + block_bins);
    for (std::size_t bin = block * block_bins; bin < (block + 1) * block_bins; ++bin) {
      shown_hz(trial, unit, bin) = static_cast<float>(shown * 1000.0 / bin_ms);
      hidden_hz(trial, unit, bin) = static_cast<float>(mean * 1000.0 / bin_ms);
      parts(trial, unit, bin) = static_cast<std::uint8_t>((trial + unit + block) % 4);
    }
    squared_error[unit] += std::pow(std::log(rate / shown), 2) / (trials * blocks);
  }
};

}  // namespace

TEST_CASE("the response to spikes tells the error of optimal log rates") {
  // At 4 and 20 Hz, where 0.8 and 4 spikes per block tell about the rate.
  const GammaBlocks blocks({{8, 0.1}, {30, 0.5}});
  const Response response = response_to_spikes(blocks.shown());
  CHECK(double{response.variance(3, 0, 5)} == doctest::Approx(blocks.squared_error[0]).epsilon(0.15));
  CHECK(double{response.variance(9, 1, 70)} == doctest::Approx(blocks.squared_error[1]).epsilon(0.15));
  CHECK(blocks.squared_error[0] > 3 * blocks.squared_error[1]);
  // Rates, and so their errors, are the same all over a block.
  for (const double correlation : response.correlation) CHECK(correlation > 0.8);
}

TEST_CASE("log rates that do not respond to spikes have no variance, nor has what was not observed") {
  GammaBlocks blocks({{8, 0.1}, {30, 0.5}});
  ShownBlocks deaf = {blocks.hidden_hz, blocks.hidden_hz, blocks.counts,
                      blocks.parts,     bin_ms,           blocks.observed};
  CHECK(double{response_to_spikes(deaf).variance(0, 1, 3)} == doctest::Approx(0.0));
  blocks.observed = Observed(blocks.counts.shape(), 1);
  for (std::size_t trial = 0; trial < trials; ++trial) {
    std::fill_n(&blocks.observed(trial, 0, 0), bins, std::uint8_t{0});
    std::fill_n(&blocks.counts(trial, 0, 0), bins, std::uint16_t{999});
  }
  const Response response = response_to_spikes(blocks.shown());
  CHECK(response.variance(3, 0, 5) == 0.0F);
  CHECK(double{response.variance(9, 1, 70)} == doctest::Approx(blocks.squared_error[1]).epsilon(0.15));
}

TEST_CASE("variances are calibrated by what counts miss of hidden predictions, at low and at high rates") {
  GammaBlocks blocks({{8, 0.4}, {8, 1.0}});
  const Response response = response_to_spikes(blocks.shown());
  /// Of both units, as shares of the response's.
  const auto relative = [&](float low, float high) {
    Array<float, 3> variance = response.variance;
    for (std::size_t i = 0; i < variance.size(); ++i) variance.values()[i] *= i / bins % 2 == 0 ? low : high;
    calibrate_variance(blocks.shown(), response.correlation, variance);
    std::array<double, 2> shares{};
    for (std::size_t unit = 0; unit < 2; ++unit) {
      // v + 1.5 v^2 with v = .75 * ratio * variance.
      const double v = (std::sqrt(1.0 + 6.0 * double{variance(4, unit, 9)}) - 1.0) / 3.0;
      shares[unit] = v / 0.75 / double{response.variance(4, unit, 9)};
    }
    return shares;
  };
  const auto about = [](double share) { return doctest::Approx(share).epsilon(0.25); };
  const std::array<double, 2> right = relative(1.0F, 1.0F), low = relative(0.25F, 1.0F),
                              high = relative(1.0F, 0.25F), far = relative(0.01F, 10.0F);
  CHECK(right[0] == about(1));
  CHECK(right[1] == about(1));
  // Each is put right without the other: too small a variance, and within bounds one that is much too small
  // or too large.
  CHECK(low[0] == about(right[0]));
  CHECK(high[1] == about(right[1]));
  CHECK(far[0] > 0.02);
  CHECK(far[0] < 0.1 + 1e-6);
  CHECK(far[1] == doctest::Approx(5.0));
  // Spikes that shun each other tell nothing.
  for (std::size_t i = 0; i < blocks.counts.size(); ++i)
    blocks.counts.values()[i] = static_cast<std::uint16_t>(i % 2);
  CHECK(relative(0.25F, 1.0F)[0] == doctest::Approx(0.25));
}

TEST_CASE("rates that respond to earlier spikes alone have errors that stay as long") {
  const GammaBlocks blocks({{30, 0.5}});
  // After each bin the best prediction from the bins of the block up to it.
  Array<float, 3> causal_hz = blocks.hidden_hz;
  for (std::size_t trial = 0; trial < trials; ++trial) {
    double spikes = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (bin % block_bins == 0) spikes = 0.0;
      spikes += blocks.counts(trial, 0, bin);
      const double seen = static_cast<double>(bin % block_bins) + 1.0;
      causal_hz(trial, 0, bin) = static_cast<float>((30 + spikes) / (60 + seen) * 1000.0 / bin_ms);
    }
  }
  const Response response =
      response_to_spikes({causal_hz, blocks.hidden_hz, blocks.counts, blocks.parts, bin_ms, blocks.observed});
  for (const double correlation : response.correlation) CHECK(correlation > 0.8);
}
