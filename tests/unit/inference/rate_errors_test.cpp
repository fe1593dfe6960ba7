#include "inference/rate_errors.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "neural/response_variance.hpp"
#include "unit/inference/small_fit.hpp"

using namespace rnn_rates;
using namespace rnn_rates::inference;

TEST_CASE("the variance of a log rate is what folds, the response to spikes and the mean rate leave open") {
  FitData data = small_fit();
  const Networks networks = make_networks(data, {constant_gru(1), constant_gru(4)}, Weights::last);
  const auto& shape = data.counts.shape();
  const std::size_t unit = 1, bin = 4;

  Predictions hidden;
  hidden.methods[Method::rnn].blocks = {Array<float, 3>(shape, 60.0F), 4};
  FitRates rates;
  rates.rate_hz = Array<float, 3>(shape);
  // A rate that responds to its own bin; on average it is below what was predicted and counted.
  for (std::size_t i = 0; i < rates.rate_hz.size(); ++i)
    rates.rate_hz.values()[i] = 40.0F * std::exp(0.1F * static_cast<float>(data.counts.values()[i]));
  for (std::size_t trial = 0; trial < shape[0]; ++trial) {  // The last unit never spikes.
    std::fill_n(&rates.rate_hz(trial, 2, 0), shape[2], 0.1F);
    std::fill_n(&hidden.methods[Method::rnn].blocks.rate_hz(trial, 2, 0), shape[2], 0.1F);
  }
  rates.folds = FoldRates{data.fit.folds, rates.rate_hz, Array<float, 3>(shape, 8.0F)};
  data.observed = neural::Observed(shape, 1);
  data.observed(5, unit, bin) = 0;

  const Array<std::uint8_t, 3> parts = hidden_parts(data);
  const neural::ShownBlocks blocks{rates.rate_hz, hidden.methods[Method::rnn].blocks.rate_hz,
                                   data.counts,   parts,
                                   data.bin_ms(), data.observed};
  const neural::Response response = neural::response_to_spikes(blocks);
  std::vector<double> spikes(3, 0.0);
  for (std::size_t i = 0; i < data.counts.size(); ++i) {
    if (data.observed.values()[i] != 0) spikes[i / shape[2] % 3] += data.counts.values()[i];
  }
  Array<float, 3> variance = response.variance;
  for (std::size_t i = 0; i < variance.size(); ++i) {
    variance.values()[i] += std::pow(8.0F / rates.rate_hz.values()[i], 2.0F) +
                            static_cast<float>(1.0 / std::max(1.0, spikes[i / shape[2] % 3]));
  }
  neural::calibrate_variance(blocks, response.correlation, variance);
  add_errors(data, hidden, std::nullopt, rates);
  const Array<float, 3>& error_hz = rates.folds->rate_standard_error_hz;
  const double rate_hz = double{rates.rate_hz(0, unit, bin)};
  CHECK(double{response.variance(0, unit, bin)} > 0.0);
  CHECK(double{error_hz(0, unit, bin)} ==
        doctest::Approx(rate_hz * std::sqrt(double{variance(0, unit, bin)})));
  CHECK(std::isnan(error_hz(5, unit, bin)));
  CHECK(std::isnan(error_hz(0, 2, bin)));
  REQUIRE(rates.calibration);
  CHECK(rates.calibration->predicted_hz.back() == doctest::Approx(60));
}
