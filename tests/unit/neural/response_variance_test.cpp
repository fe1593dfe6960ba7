#include "neural/response_variance.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "core/random.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

constexpr std::size_t block_bins = 8, trials = 60, blocks = 15, bins = blocks * block_bins;
constexpr double bin_ms = 25.0;

unsigned poisson(RandomStream& random, double mean) {
  unsigned count = 0;
  for (double left = random.uniform(); left > std::exp(-mean); left *= random.uniform()) ++count;
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

TEST_CASE("variances grow where counts miss hidden predictions by more than they account for") {
  GammaBlocks blocks({{30, 0.5}, {30, 0.5}, {30, 0.5}});
  const Response response = response_to_spikes(blocks.shown());
  const auto growth = [&](float share) {
    Array<float, 3> variance = response.variance;
    for (float& value : variance.values()) value *= share;
    return growth_of_variance(blocks.shown(), variance, response.correlation);
  };
  CHECK(growth(1.0F) == 1.0);
  // The ratio is compared with 1.5, by its root.
  CHECK(growth(0.25F) == doctest::Approx(std::sqrt(4 / 1.5)).epsilon(0.15));
  CHECK(growth(0.01F) == 2.0);
  // Spikes that shun each other tell nothing.
  for (std::size_t i = 0; i < blocks.counts.size(); ++i)
    blocks.counts.values()[i] = static_cast<std::uint16_t>(i % 2);
  CHECK(growth(0.25F) == 1.0);
}
