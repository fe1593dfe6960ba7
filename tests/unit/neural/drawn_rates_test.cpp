#include "neural/drawn_rates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "neural/baks_rates.hpp"
#include "neural/metrics.hpp"
#include "neural/rates.hpp"
#include "neural/smoothing.hpp"

using namespace rnn_rates;
using namespace rnn_rates::neural;

namespace {

using Counts = Array<std::uint16_t, 3>;
using Predict = std::function<Array<float, 3>(const Hidden&)>;

constexpr double bin_ms = 25;

/// Poisson counts of 4 units of 8 to 20 Hz, whose rates swing by `swing` of their mean with a period of 2 s.
Counts poisson_counts(double swing) {
  Counts counts({40, 4, 60});
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double phase = 2 * M_PI * static_cast<double>(i % 60) * bin_ms / 2000;
    const double mean_hz = 8 + 4 * static_cast<double>(i / 60 % 4);
    std::poisson_distribution<unsigned> spikes(mean_hz * (1 + swing * std::sin(phase)) * bin_ms / 1000);
    counts.values()[i] = static_cast<std::uint16_t>(spikes(random));
  }
  return counts;
}

std::map<std::string, Predict> simple_methods(const Counts& counts) {
  return {{"boxcar", [&](const Hidden& hidden) { return boxcar_rate_hz(counts, bin_ms, 250, hidden); }},
          {"BAKS", [&](const Hidden& hidden) { return predict_baks(counts, hidden, bin_ms); }}};
}

/// Of hidden blocks.
double bits(const Counts& counts, const Predict& predict_hz) {
  HeldOutRates held_out;
  predict_held_out(block_parts(counts.shape(), 8, 4, 16, 3), 4, predict_hz, held_out);
  return bits_per_spike(held_out.rate_hz, rate_hz(counts, bin_ms));
}

Predict drawn(const Counts& counts, const Predict& predict_hz) {
  return [&](const Hidden& hidden) { return drawn_to_mean_hz(counts, hidden, bin_ms, 8, predict_hz); };
}

}  // namespace

TEST_CASE("simple methods drawn to the mean say nothing of constant units, and leave them their rates") {
  const Counts counts = poisson_counts(0);
  const auto means_hz = mean_kept_rate_hz(counts, {}, bin_ms);
  for (const auto& method : simple_methods(counts)) {
    CAPTURE(method.first);
    const Predict& predict_hz = method.second;
    CHECK(bits(counts, predict_hz) < -0.1);
    CHECK(std::abs(bits(counts, drawn(counts, predict_hz))) < 0.02);
    const Array<float, 3> rates_hz = drawn(counts, predict_hz)({});
    double sum = 0;
    for (std::size_t i = 0; i < rates_hz.size(); ++i)
      sum += std::pow(rates_hz.values()[i] / means_hz[i / 60 % 4] - 1, 2);
    CHECK(std::sqrt(sum / static_cast<double>(rates_hz.size())) < 0.1);
  }
}

TEST_CASE("simple methods drawn to the mean keep what they know of units that change") {
  const Counts counts = poisson_counts(0.9);
  for (const auto& method : simple_methods(counts)) {
    CAPTURE(method.first);
    const Predict& predict_hz = method.second;
    const double plain = bits(counts, predict_hz), now = bits(counts, drawn(counts, predict_hz));
    CHECK(now > plain);
    CHECK(now > 0.01);
  }
}

TEST_CASE("what is hidden has no part in how far rates are drawn to the mean, and silent units stay silent") {
  Counts counts = poisson_counts(0.5);
  const Hidden hidden = hide_part(block_parts(counts.shape(), 8, 4, 16, 3), 1);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i / 60 % 4 == 2) counts.values()[i] = 0;
  }
  Counts changed = counts;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (hidden.values()[i] != 0) changed.values()[i] = 9;
  }
  for (const auto& method : simple_methods(counts)) {
    CAPTURE(method.first);
    const Predict& predict_hz = method.second;
    const Array<float, 3> rates_hz = drawn(counts, predict_hz)(hidden);
    CHECK(rates_hz == drawn(changed, simple_methods(changed).at(method.first))(hidden));
    CHECK(rates_hz(3, 2, 7) == 0);
  }
}
