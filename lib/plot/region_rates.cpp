#include "plot/region_rates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"

namespace rnn_rates::plot {
namespace {

void check_spikes(const TasteRates& taste) {
  const std::size_t units = taste.counts.extent(1), bins = taste.counts.extent(2);
  if (taste.spikes_ms.size() != taste.counts.extent(0) * units)
    throw Error(ErrorKind::bug, "there are spikes of {} trials and units of {}, expected {}",
                taste.spikes_ms.size(), taste.taste, taste.counts.extent(0) * units);
  for (std::size_t train = 0; train < taste.spikes_ms.size(); ++train) {
    const auto counts = taste.counts.values().subspan(train * bins, bins);
    const std::size_t counted = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    if (taste.spikes_ms[train].size() != counted)
      throw Error(ErrorKind::bug, "unit {} has {} spikes in trial {} of {}, but {} were counted",
                  train % units, taste.spikes_ms[train].size(), train / units, taste.taste, counted);
  }
}

/// The rows `trials` and of the second axis `units`, or all, where there is an array.
template <class T>
Array<T, 3> picked(const Array<T, 3>& from, std::span<const std::size_t> trials,
                   const std::span<const std::size_t>* units) {
  if (from.size() == 0) return {};
  const std::size_t rows = units == nullptr ? from.extent(1) : units->size();
  Array<T, 3> result({trials.size(), rows, from.extent(2)});
  for (std::size_t trial = 0; trial < trials.size(); ++trial) {
    for (std::size_t row = 0; row < rows; ++row)
      std::copy_n(&from(trials[trial], units == nullptr ? row : (*units)[row], 0), from.extent(2),
                  &result(trial, row, 0));
  }
  return result;
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
    const std::size_t rnn_bins = taste.rnn_time_ms.size(), factors = taste.latents.extent(1);
    const auto check = [&](const auto& array, std::size_t rows, std::size_t columns, const char* name) {
      if (array.shape() == std::array{trials, rows, columns}) return;
      throw Error(ErrorKind::bug, "{} of {} has shape ({}, {}, {}), expected ({}, {}, {})", name, taste.taste,
                  array.extent(0), array.extent(1), array.extent(2), trials, rows, columns);
    };
    const auto check_if_any = [&](const auto& array, std::size_t rows, std::size_t columns,
                                  const char* name) {
      if (array.size() > 0) check(array, rows, columns, name);
    };
    check(taste.counts, units, bins, "counts");
    check(taste.boxcar_rate_hz, units, bins, "boxcar_rate_hz");
    check(taste.rnn_rate_hz, units, rnn_bins, "rnn_rate_hz");
    check_if_any(taste.observed, units, bins, "observed");
    check_if_any(taste.true_rate_hz, units, bins, "true_rate_hz");
    check_if_any(taste.standard_error_hz, units, rnn_bins, "standard_error_hz");
    check_if_any(taste.out_of_fold_hz, units, rnn_bins, "out_of_fold_hz");
    check_if_any(taste.latents, factors, rnn_bins, "latents");
    for (const MethodRates& method : taste.methods)
      check(method.rate_hz, units, rnn_bins, method.method.c_str());
    check_spikes(taste);
  }
}

TasteRates chosen(const TasteRates& taste, std::span<const std::size_t> trials,
                  std::span<const std::size_t> units) {
  const auto columns = [&](const auto& array) { return picked(array, trials, &units); };
  const auto rows = [&](const auto& array) { return picked(array, trials, nullptr); };
  TasteRates result{.taste = taste.taste,
                    .index = taste.index,
                    .counts = columns(taste.counts),
                    .observed = columns(taste.observed),
                    .boxcar_rate_hz = columns(taste.boxcar_rate_hz),
                    .time_ms = taste.time_ms,
                    .rnn_rate_hz = columns(taste.rnn_rate_hz),
                    .rnn_time_ms = taste.rnn_time_ms,
                    .true_rate_hz = columns(taste.true_rate_hz),
                    .standard_error_hz = columns(taste.standard_error_hz),
                    .out_of_fold_hz = columns(taste.out_of_fold_hz),
                    .latents = rows(taste.latents),
                    .latent_axes = rows(taste.latent_axes),
                    .axis_shares = taste.axis_shares,
                    .fit = taste.fit};
  for (const std::size_t trial : trials) {
    for (const std::size_t unit : units)
      result.spikes_ms.push_back(taste.spikes_ms[trial * taste.counts.extent(1) + unit]);
    if (!taste.held_out.empty()) result.held_out.push_back(taste.held_out[trial]);
    if (!taste.trial_fold.empty()) result.trial_fold.push_back(taste.trial_fold[trial]);
    result.numbers.push_back(taste.number(trial));
  }
  return result;
}

std::string place(const RegionRates& rates) {
  return rates.session + ", region " + rates.region + (rates.part.empty() ? "" : ", ") + rates.part;
}

const std::string& region_of_unit(const RegionRates& rates, std::size_t unit) {
  return unit < rates.unit_regions.size() ? rates.unit_regions[unit] : rates.region;
}

std::string unit_title(const RegionRates& rates, std::size_t unit) {
  const std::string& region = region_of_unit(rates, unit);
  return region == rates.region ? rates.units[unit] : rates.units[unit] + " (" + region + ")";
}

std::string unit_place(const RegionRates& rates, std::size_t unit) {
  return rates.units[unit] + ", region " + region_of_unit(rates, unit);
}

void Moments::add(double value) {
  if (!std::isfinite(value)) return;
  count_ += 1.0;
  sum_ += value;
  squares_ += value * value;
}

void Moments::add(std::span<const float> values) {
  for (const float value : values) add(static_cast<double>(value));
}

void Moments::add(const Array<float, 3>& rate_hz, std::size_t unit) {
  for (std::size_t trial = 0; trial < rate_hz.extent(0); ++trial) add(trial_values(rate_hz, trial, unit));
}

double Moments::mean() const { return sum_ / std::max(count_, 1.0); }

double Moments::variance() const { return std::max(squares_ / std::max(count_, 1.0) - mean() * mean(), 0.0); }

std::vector<std::size_t> sorted_indices(std::size_t count,
                                        const std::function<bool(std::size_t, std::size_t)>& before) {
  std::vector<std::size_t> indices(count);
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::stable_sort(indices.begin(), indices.end(), before);
  return indices;
}

std::vector<std::size_t> largest(const std::vector<double>& scores, std::size_t most) {
  std::vector<std::size_t> indices =
      sorted_indices(scores.size(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  indices.resize(std::min(most, indices.size()));
  std::sort(indices.begin(), indices.end());
  return indices;
}

std::vector<std::size_t> most_varying_units(const RegionRates& rates, std::size_t most) {
  std::vector<double> variance(rates.units.size(), 0.0);
  for (std::size_t unit = 0; unit < variance.size(); ++unit) {
    for (const TasteRates& taste : rates.tastes) {
      Moments moments;
      moments.add(taste.rnn_rate_hz, unit);
      variance[unit] += moments.variance();
    }
  }
  return largest(variance, most);
}

std::vector<std::size_t> units_by_peak(const RegionRates& rates) {
  std::vector<std::size_t> peak;
  for (std::size_t unit = 0; unit < rates.units.size(); ++unit) {
    std::vector<Moments> of_bin(rates.tastes.front().rnn_time_ms.size());
    for (const TasteRates& taste : rates.tastes) {
      const std::vector<float> mean = trial_mean(taste.rnn_rate_hz, unit);
      for (std::size_t bin = 0; bin < std::min(mean.size(), of_bin.size()); ++bin)
        of_bin[bin].add(static_cast<double>(mean[bin]));
    }
    const auto highest = std::max_element(
        of_bin.begin(), of_bin.end(), [](const Moments& a, const Moments& b) { return a.mean() < b.mean(); });
    peak.push_back(static_cast<std::size_t>(highest - of_bin.begin()));
  }
  return sorted_indices(peak.size(), [&](std::size_t a, std::size_t b) { return peak[a] < peak[b]; });
}

std::vector<float> curve(std::span<const double> time_ms, std::span<const float> values) {
  std::vector<float> points;
  if (!values.empty()) append_curve(points, time_ms, values);
  return points;
}

void spread_spikes(TasteRates& taste, double bin_ms) {
  const std::size_t units = taste.counts.extent(1), bins = taste.counts.extent(2);
  taste.spikes_ms.assign(taste.counts.extent(0) * units, {});
  for (std::size_t train = 0; train < taste.spikes_ms.size(); ++train) {
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const unsigned count = taste.counts(train / units, train % units, bin);
      for (unsigned spike = 0; spike < count; ++spike) {
        const double share = (spike + 0.5) / count - 0.5;
        taste.spikes_ms[train].push_back(static_cast<float>(taste.time_ms[bin] + share * bin_ms));
      }
    }
  }
}

void append_spikes(std::vector<float>& points, const TasteRates& taste, std::size_t trial, std::size_t unit,
                   double y) {
  for (const float time_ms : taste.spikes_ms[trial * taste.counts.extent(1) + unit])
    points.insert(points.end(), {time_ms, static_cast<float>(y)});
}

std::string raster_label(const RegionRates& rates) {
  return (rates.trial_order.empty() ? "trial" : "trial, by " + rates.trial_order) +
         (rates.spike_times ? "" : " (spikes by bin)");
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

Array<float, 2> binned_rate_hz(const RegionRates& rates, const TasteRates& taste, std::size_t unit) {
  Array<float, 2> binned({taste.counts.extent(0), taste.counts.extent(2)});
  for (std::size_t trial = 0; trial < binned.extent(0); ++trial) {
    for (std::size_t bin = 0; bin < binned.extent(1); ++bin) {
      const bool known = taste.observed.size() == 0 || taste.observed(trial, unit, bin) != 0;
      binned(trial, bin) = known ? static_cast<float>(taste.counts(trial, unit, bin) * 1000.0 / rates.bin_ms)
                                 : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return binned;
}

std::vector<float> trial_mean(const Array<float, 2>& values) {
  std::vector<float> mean;
  for (std::size_t bin = 0; bin < values.extent(1) && values.extent(0) > 0; ++bin) {
    double sum = 0.0, known = 0.0;
    for (std::size_t trial = 0; trial < values.extent(0); ++trial) {
      if (!std::isfinite(values(trial, bin))) continue;
      sum += static_cast<double>(values(trial, bin));
      known += 1.0;
    }
    mean.push_back(known > 0.0 ? static_cast<float>(sum / known) : std::numeric_limits<float>::quiet_NaN());
  }
  return mean;
}

std::vector<float> trial_mean(const Array<float, 3>& rate_hz, std::size_t unit) {
  return trial_mean(unit_values(rate_hz, unit));
}

std::span<const float> trial_values(const Array<float, 3>& rate_hz, std::size_t trial, std::size_t unit) {
  return rate_hz.values().subspan((trial * rate_hz.extent(1) + unit) * rate_hz.extent(2), rate_hz.extent(2));
}

Array<float, 2> unit_values(const Array<float, 3>& rate_hz, std::size_t unit) {
  std::vector<std::size_t> all(rate_hz.extent(0));
  std::iota(all.begin(), all.end(), std::size_t{0});
  return unit_values(rate_hz, unit, all);
}

Array<float, 2> unit_values(const Array<float, 3>& rate_hz, std::size_t unit,
                            const std::vector<std::size_t>& order) {
  Array<float, 2> rows({order.size(), rate_hz.extent(2)});
  for (std::size_t row = 0; row < order.size(); ++row)
    std::copy_n(&rate_hz(order[row], unit, 0), rows.extent(1), &rows(row, 0));
  return rows;
}

}  // namespace rnn_rates::plot
