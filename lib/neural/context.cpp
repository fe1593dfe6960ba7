#include "neural/context.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"

namespace rnn_rates::neural {

std::size_t forecast_bins(double forecast_ms, double bin_ms, std::size_t bins) {
  if (!std::isfinite(forecast_ms) || forecast_ms < bin_ms) {
    throw Error(ErrorKind::config,
                "train.forecast_ms = {} is less than one bin (bin_ms = {}); expected a multiple of bin_ms",
                forecast_ms, bin_ms);
  }
  if (std::fmod(forecast_ms, bin_ms) != 0.0) {
    const double below = std::floor(forecast_ms / bin_ms) * bin_ms;
    throw Error(
        ErrorKind::config,
        "train.forecast_ms = {} is not a whole number of bins (bin_ms = {}); expected a multiple of bin_ms, "
        "such as {} or {}",
        forecast_ms, bin_ms, below, below + bin_ms);
  }
  if (forecast_ms / bin_ms >= static_cast<double>(bins)) {
    throw Error(
        ErrorKind::config,
        "train.forecast_ms = {} leaves no bin to learn from in a window of {} bins of {} ms; expected less "
        "than {}, or a longer window in time_lims_ms",
        forecast_ms, bins, bin_ms, static_cast<double>(bins) * bin_ms);
  }
  return static_cast<std::size_t>(forecast_ms / bin_ms);
}

std::vector<double> scaled_trial_numbers(std::span<const std::uint32_t> trial_taste) {
  std::map<std::uint32_t, double> seen;
  std::vector<double> numbers;
  numbers.reserve(trial_taste.size());
  for (const std::uint32_t taste : trial_taste) numbers.push_back(seen[taste]++);
  const double highest = numbers.empty() ? 0.0 : *std::max_element(numbers.begin(), numbers.end());
  if (highest > 0.0) {
    for (double& number : numbers) number /= highest;
  }
  return numbers;
}

Array<float, 3> context_inputs(std::span<const double> trial_numbers, std::size_t bins, std::size_t stim_bin,
                               const Array<std::uint8_t, 2>& laser) {
  const bool has_laser = laser.size() > 0;
  Array<float, 3> context({trial_numbers.size(), has_laser ? 3u : 2u, bins});
  for (std::size_t trial = 0; trial < trial_numbers.size(); ++trial) {
    if (stim_bin < bins) context(trial, 0, stim_bin) = 1.0F;
    std::fill_n(&context(trial, 1, 0), bins, static_cast<float>(trial_numbers[trial]));
    if (has_laser) std::copy_n(&laser(trial, 0), bins, &context(trial, 2, 0));
  }
  return context;
}

Array<std::uint8_t, 2> laser_bins(std::span<const std::array<double, 2>> laser_ms, const BinGrid& grid) {
  Array<std::uint8_t, 2> on({laser_ms.size(), grid.bins});
  for (std::size_t trial = 0; trial < laser_ms.size(); ++trial) {
    const auto [from_ms, to_ms] = laser_ms[trial];
    for (std::size_t bin = 0; bin < grid.bins; ++bin) {
      const double start_ms = grid.start_ms + static_cast<double>(bin) * grid.bin_ms - grid.stim_ms;
      on(trial, bin) = from_ms < to_ms && from_ms < start_ms + grid.bin_ms && to_ms > start_ms ? 1 : 0;
    }
  }
  return on;
}

ForecastData make_forecast_data(const Array<float, 3>& scores, const Array<float, 3>& context,
                                std::size_t forecast) {
  const auto [trials, bins, components] = scores.shape();
  const std::size_t steps = bins - forecast, further = context.extent(1);
  ForecastData fit{Array<float, 3>({steps, trials, components + further}),
                   Array<float, 3>({steps, trials, components})};
  for (std::size_t bin = 0; bin < steps; ++bin) {
    for (std::size_t trial = 0; trial < trials; ++trial) {
      std::transform(&scores(trial, bin, 0), &scores(trial, bin, 0) + components, &fit.inputs(bin, trial, 0),
                     [](float score) { return std::isnan(score) ? 0.0F : score; });
      for (std::size_t i = 0; i < further; ++i)
        fit.inputs(bin, trial, components + i) = context(trial, i, bin);
      std::copy_n(&scores(trial, bin + forecast, 0), components, &fit.targets(bin, trial, 0));
    }
  }
  return fit;
}

}  // namespace rnn_rates::neural
