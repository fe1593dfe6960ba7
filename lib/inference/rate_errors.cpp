#include "inference/rate_errors.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "neural/hidden.hpp"
#include "neural/response_variance.hpp"

namespace rnn_rates::inference {
namespace {

/// Whether a standard error of this entry is known, by whether its unit ever spiked, (trial, unit, bin).
std::vector<bool> known_errors(const FitData& data) {
  const auto& counts = data.counts;
  const std::size_t bins = counts.extent(2), units = counts.extent(1);
  const std::vector<double> mean_hz =
      neural::mean_kept_rate_hz(counts, neural::hidden_or_unobserved({}, data.observed), data.bin_ms());
  std::vector<bool> known(counts.size());
  for (std::size_t i = 0; i < known.size(); ++i)
    known[i] = mean_hz[i / bins % units] > 0.0 && neural::is_observed(data.observed, i);
  return known;
}

}  // namespace

void add_errors(const FitData& data, const Networks& networks, const Predictions& hidden,
                const std::optional<Combination>& combination, FitRates& rates, const std::stop_token& stop) {
  if (!rates.folds) return;
  const Array<float, 3>& hidden_hz =
      combination ? combination->hidden_hz : hidden.methods.at(Method::rnn).blocks.rate_hz;
  rates.calibration = neural::calibrate(hidden_hz, data.counts, data.bin_ms(), data.observed);
  const Array<std::uint8_t, 3> parts = hidden_parts(data, networks);
  const neural::ShownBlocks blocks{rates.rate_hz, hidden_hz,     data.counts,
                                   parts,         data.bin_ms(), data.observed};
  const neural::Response response = neural::response_to_spikes(blocks, stop);
  Array<float, 3>& error_hz = rates.folds->rate_standard_error_hz;
  Array<float, 3> variance = response.variance;
  for (std::size_t i = 0; i < variance.size(); ++i) {
    const float between_folds = error_hz.values()[i] / rates.rate_hz.values()[i];
    variance.values()[i] = 0.5F * (variance.values()[i] + between_folds * between_folds);
  }
  const double growth = neural::growth_of_variance(blocks, variance, response.correlation, stop);
  const std::vector<bool> known = known_errors(data);
  for (std::size_t i = 0; i < known.size(); ++i) {
    const double log_error = std::sqrt(growth * double{variance.values()[i]});
    error_hz.values()[i] = known[i] ? static_cast<float>(log_error * double{rates.rate_hz.values()[i]})
                                    : std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace rnn_rates::inference
