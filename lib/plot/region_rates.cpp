#include "plot/region_rates.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.hpp"

namespace rnn_rates::plot {
namespace {

template <class Value>
void check_shape(const Array<Value, 3>& array, std::size_t trials, std::size_t units, std::size_t bins,
                 const char* name, const std::string& taste) {
  const typename Array<Value, 3>::Shape expected{trials, units, bins};
  if (array.shape() == expected) return;
  throw Error(ErrorKind::bug, "{} of {} has shape ({}, {}, {}), expected ({}, {}, {})", name, taste,
              array.extent(0), array.extent(1), array.extent(2), trials, units, bins);
}

void append_curve(std::vector<float>& points, std::span<const double> time_ms,
                  std::span<const float> values) {
  for (std::size_t bin = 0; bin < time_ms.size(); ++bin) {
    points.push_back(static_cast<float>(time_ms[bin]));
    points.push_back(values[bin]);
  }
}

}  // namespace

void check_shapes(const RegionRates& rates) {
  const std::size_t units = rates.units.size();
  if (units == 0 || rates.tastes.empty()) throw Error(ErrorKind::bug, "no units or no tastes to draw");
  for (const TasteRates& taste : rates.tastes) {
    const std::size_t trials = taste.counts.extent(0), bins = taste.time_ms.size();
    if (bins == 0 || taste.rnn_time_ms.empty())
      throw Error(ErrorKind::bug, "no bins of {} to draw", taste.taste);
    check_shape(taste.counts, trials, units, bins, "counts", taste.taste);
    check_shape(taste.boxcar_rate_hz, trials, units, bins, "boxcar_rate_hz", taste.taste);
    check_shape(taste.rnn_rate_hz, trials, units, taste.rnn_time_ms.size(), "rnn_rate_hz", taste.taste);
    const std::size_t rnn_bins = taste.rnn_time_ms.size();
    if (taste.true_rate_hz.size() > 0) {
      check_shape(taste.true_rate_hz, trials, units, bins, "true_rate_hz", taste.taste);
    }
    if (taste.standard_error_hz.size() > 0) {
      check_shape(taste.standard_error_hz, trials, units, rnn_bins, "standard_error_hz", taste.taste);
    }
    if (taste.out_of_fold_hz.size() > 0) {
      check_shape(taste.out_of_fold_hz, trials, units, rnn_bins, "out_of_fold_hz", taste.taste);
    }
    if (taste.latents.size() > 0) {
      check_shape(taste.latents, trials, taste.latents.extent(1), rnn_bins, "latents", taste.taste);
    }
  }
}

const std::string& region_of_unit(const RegionRates& rates, std::size_t unit) {
  return unit < rates.unit_regions.size() ? rates.unit_regions[unit] : rates.region;
}

std::string unit_title(const RegionRates& rates, std::size_t unit) {
  const std::string& region = region_of_unit(rates, unit);
  return region == rates.region ? rates.units[unit] : rates.units[unit] + " (" + region + ")";
}

std::vector<std::size_t> most_varying_units(const RegionRates& rates, std::size_t most) {
  std::vector<double> variance(rates.units.size(), 0.0);
  for (std::size_t unit = 0; unit < variance.size(); ++unit) {
    for (const TasteRates& taste : rates.tastes) {
      double count = 0.0, sum = 0.0, squares = 0.0;
      for (std::size_t trial = 0; trial < taste.rnn_rate_hz.extent(0); ++trial) {
        for (const float value : trial_values(taste.rnn_rate_hz, trial, unit)) {
          count += 1.0;
          sum += static_cast<double>(value);
          squares += static_cast<double>(value) * static_cast<double>(value);
        }
      }
      if (count > 0.0) variance[unit] += squares / count - (sum / count) * (sum / count);
    }
  }
  std::vector<std::size_t> units(variance.size());
  std::iota(units.begin(), units.end(), std::size_t{0});
  std::stable_sort(units.begin(), units.end(),
                   [&](std::size_t a, std::size_t b) { return variance[a] > variance[b]; });
  units.resize(std::min(most, units.size()));
  std::sort(units.begin(), units.end());
  return units;
}

std::vector<float> curve(std::span<const double> time_ms, std::span<const float> values) {
  std::vector<float> points;
  if (!values.empty()) append_curve(points, time_ms, values);
  return points;
}

std::vector<float> trial_curves(std::span<const double> time_ms, const Array<float, 3>& rate_hz,
                                std::size_t unit) {
  constexpr float gap = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> points;
  for (std::size_t trial = 0; trial < rate_hz.extent(0); ++trial) {
    if (trial > 0) points.insert(points.end(), {gap, gap});
    append_curve(points, time_ms, trial_values(rate_hz, trial, unit));
  }
  return points;
}

std::span<const float> trial_values(const Array<float, 3>& rate_hz, std::size_t trial, std::size_t unit) {
  return rate_hz.values().subspan((trial * rate_hz.extent(1) + unit) * rate_hz.extent(2), rate_hz.extent(2));
}

}  // namespace rnn_rates::plot
