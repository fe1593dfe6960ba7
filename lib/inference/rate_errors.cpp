#include "inference/rate_errors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "neural/observed.hpp"
#include "neural/response_variance.hpp"

namespace rnn_rates::inference {
namespace {

/// (unit) spikes where it was observed.
std::vector<double> spikes_of_units(const FitData& data) {
  const auto& counts = data.counts;
  std::vector<double> spikes(counts.extent(1), 0.0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (neural::is_observed(data.observed, i))
      spikes[i / counts.extent(2) % spikes.size()] += counts.values()[i];
  }
  return spikes;
}

}  // namespace

void add_errors(const FitData& data, const Predictions& hidden, const std::optional<Combination>& combination,
                FitRates& rates, const std::stop_token& stop) {
  if (!rates.folds) return;
  const Array<float, 3>& hidden_hz =
      combination ? combination->hidden_hz : hidden.methods.at(Method::rnn).blocks.rate_hz;
  rates.calibration = neural::calibrate(hidden_hz, data.counts, data.bin_ms(), data.observed);
  const Array<std::uint8_t, 3> parts = hidden_parts(data);
  const auto shown = [&](const Array<float, 3>& rate_hz) {
    return neural::ShownBlocks{rate_hz, hidden_hz, data.counts, parts, data.bin_ms(), data.observed};
  };
  neural::Response response = neural::response_to_spikes(shown(rates.folds->rate_out_of_fold_hz), stop);
  Array<float, 3>& error_hz = rates.folds->rate_standard_error_hz;
  Array<float, 3>& variance = response.variance;
  const std::vector<double> spikes = spikes_of_units(data);
  const auto spikes_of_entry = [&](std::size_t i) {
    return spikes[i / data.counts.extent(2) % spikes.size()];
  };
  for (std::size_t i = 0; i < variance.size(); ++i) {
    const double between_folds = error_hz.values()[i] / rates.rate_hz.values()[i],
                 of_mean = 1.0 / std::max(1.0, spikes_of_entry(i));
    variance.values()[i] += static_cast<float>(between_folds * between_folds + of_mean);
  }
  neural::calibrate_variance(shown(rates.rate_hz), response.correlation, variance, stop);
  for (std::size_t i = 0; i < variance.size(); ++i) {
    const bool known = spikes_of_entry(i) > 0.0 && neural::is_observed(data.observed, i);
    error_hz.values()[i] = known ? std::sqrt(variance.values()[i]) * rates.rate_hz.values()[i]
                                 : std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace rnn_rates::inference
