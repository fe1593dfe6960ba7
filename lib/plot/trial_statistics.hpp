#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// Mean over trials and its standard error, by bin, of the trials that are known there.
struct MeanAndError {
  std::vector<float> mean;   ///< NaN where no trial is known
  std::vector<float> error;  ///< 0 of one trial
};
/// Of `values` (trial, bin); empty without trials.
MeanAndError mean_and_error(const Array<float, 2>& values);
/// x, mean - error, mean + error, as Panel::band() takes them; not below 0.
std::vector<float> error_band(std::span<const double> time_ms, const MeanAndError& rate_hz);

/// More trials than this are drawn as the bands that hold 50 and 90% of them.
inline constexpr std::size_t most_trial_lines = 40;
/// x, the percentiles of one unit over trials around the median that hold `share` of them, by bin.
std::vector<float> percentile_band(std::span<const double> time_ms, const Array<float, 3>& rate_hz,
                                   std::size_t unit, double share);
/// "; bands hold 50 and 90% of trials where there are more than 40", where some condition has; else nothing.
std::string bands_note(const RegionRates& rates);

/// Standard deviation of the Gaussian that smooths PSTHs: two bins, at most 50 ms, at least one bin.
double psth_sigma_ms(const RegionRates& rates);
/// (trial, bin) of one unit: counts in Hz, smoothed, over the bins that were recorded.
Array<float, 2> psth_hz(const RegionRates& rates, const TasteRates& taste, std::size_t unit);
/// "PSTH, Gaussian of 50 ms".
std::string psth_label(const RegionRates& rates);

}  // namespace rnn_rates::plot
