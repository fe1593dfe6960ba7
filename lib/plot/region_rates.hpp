#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::plot {

/// Rates by one of the methods that the inferred rates are made of or compared with.
struct MethodRates {
  std::string method;
  Array<float, 3> rate_hz;  ///< (trial, unit, bin), at the inferred rates' times
};

/// The trials of one taste. The two axes of time may differ: inferred rates start a forecast horizon later.
struct TasteRates {
  std::string taste;
  std::size_t index = 0;           ///< of the taste in the session, of many in the figure: its colour
  Array<std::uint16_t, 3> counts;  ///< spike counts (trial, unit, bin)
  Array<std::uint8_t, 3>
      observed;  ///< of the counts: 0 where a unit was not recorded; empty if it always was
  std::vector<std::vector<float>> spikes_ms;  ///< (trial, unit) flat: when each of the counted spikes was
  Array<float, 3> boxcar_rate_hz;             ///< of the counts (trial, unit, bin)
  std::vector<double> time_ms;                ///< bin centres of these two, relative to the stimulus
  Array<float, 3> rnn_rate_hz;                ///< (trial, unit, bin)
  std::vector<double> rnn_time_ms;            ///< its bin centres
  Array<float, 3> true_rate_hz;               ///< (trial, unit, bin) at time_ms; empty unless simulated
  // Each of these may be empty; times are rnn_time_ms.
  Array<float, 3> standard_error_hz;      ///< of log rnn_rate_hz, times it (trial, unit, bin)
  Array<float, 3> out_of_fold_hz;         ///< by the network that had not seen the trial (trial, unit, bin)
  Array<float, 3> latents;                ///< (trial, factor, bin)
  std::vector<MethodRates> methods;       ///< what else was inferred of these trials
  std::vector<bool> held_out;             ///< (trial) whether no network was trained on it
  std::vector<std::uint32_t> trial_fold;  ///< (trial) the fold that it was held out of
  Array<float, 3> latent_axes;            ///< (trial, axis, bin) latents along their principal axes
  std::vector<double> axis_shares;        ///< (axis) of the latents' variance
  std::size_t fit = 0;                    ///< in the region: conditions of one fit share axes
  std::vector<std::size_t> numbers;       ///< (trial) from 1; empty: 1, 2, 3 ...

  std::size_t trials() const { return counts.extent(0); }
  std::size_t number(std::size_t trial) const { return numbers.empty() ? trial + 1 : numbers[trial]; }
};

/// All that figures show of a region's units.
struct RegionRates {
  std::string session;
  std::string region;
  std::vector<std::string> units;         ///< names, such as "unit 3"
  std::vector<std::string> unit_regions;  ///< (unit); may be empty where all are of `region`
  std::vector<TasteRates> tastes;
  std::vector<double>
      unit_bits;  ///< (unit) bits per hidden spike of the inferred rates; NaN unknown, may be empty
  std::vector<double> unit_bits_over_simple;  ///< (unit) less those of the best simple method
  double bin_ms = 0.0;
  double boxcar_ms = 0.0;
  bool spike_times = true;  ///< false where only their bins are known: they lie evenly in those then
  std::string condition_word = "taste";
  std::string part = {};         ///< which conditions these are, such as "tastes 1 to 8 of 18"; empty: all
  std::string trial_order = {};  ///< what trials are in order of; empty: their numbers
};

/// Throws Error(bug), naming the taste and the array, unless all shapes agree, there are units, tastes and
/// bins, and as many spikes as were counted. A taste without trials is allowed.
void check_shapes(const RegionRates& rates);

/// These trials and units of a condition, in this order.
TasteRates chosen(const TasteRates& taste, std::span<const std::size_t> trials,
                  std::span<const std::size_t> units);

/// "SESSION, region REGION", and which part of it.
std::string place(const RegionRates& rates);
/// Region of one unit.
const std::string& region_of_unit(const RegionRates& rates, std::size_t unit);
/// Its name, with its region where that is not the one of all units.
std::string unit_title(const RegionRates& rates, std::size_t unit);
/// Its name and region.
std::string unit_place(const RegionRates& rates, std::size_t unit);

/// Mean and variance (over n) of the values added that are finite.
class Moments {
 public:
  void add(double value);
  void add(std::span<const float> values);
  /// All trials and bins of one unit of `rate_hz` (trial, unit, bin).
  void add(const Array<float, 3>& rate_hz, std::size_t unit);
  /// 0 without values.
  double mean() const;
  double variance() const;

 private:
  double count_ = 0.0, sum_ = 0.0, squares_ = 0.0;
};

/// 0 to `count` - 1 in an order in which a comes before b where `before(a, b)`, equals as they are.
std::vector<std::size_t> sorted_indices(std::size_t count,
                                        const std::function<bool(std::size_t, std::size_t)>& before);

/// Indices of the `most` largest of `scores`, in order; of equal ones the first.
std::vector<std::size_t> largest(const std::vector<double>& scores, std::size_t most);

/// The `most` units whose inferred rates vary most (over trials and bins of each taste), in order of their
/// indices.
std::vector<std::size_t> most_varying_units(const RegionRates& rates, std::size_t most);

/// Units in the order of the bins in which their inferred rates, averaged over all trials of each condition
/// and then over conditions, are highest.
std::vector<std::size_t> units_by_peak(const RegionRates& rates);

/// Times and values in turn.
std::vector<float> curve(std::span<const double> time_ms, std::span<const float> values);

/// Puts the counted spikes of each bin evenly into it, where nothing is known of their times.
void spread_spikes(TasteRates& taste, double bin_ms);

/// Adds the time of each spike of a trial, with `y`, to `points`.
void append_spikes(std::vector<float>& points, const TasteRates& taste, std::size_t trial, std::size_t unit,
                   double y);

/// "trial", what the rows of a raster are, and how its spikes lie where their times are not known.
std::string raster_label(const RegionRates& rates);

/// The curves of all trials of `rate_hz` (trial, unit, bin) for one unit, with gaps between them.
std::vector<float> trial_curves(std::span<const double> time_ms, const Array<float, 3>& rate_hz,
                                std::size_t unit);

/// Counts of one unit as rates in Hz (trial, bin); NaN where it was not recorded.
Array<float, 2> binned_rate_hz(const RegionRates& rates, const TasteRates& taste, std::size_t unit);

/// Mean over the rows of `values` (trial, bin) that are known there, NaN where none is; empty without trials.
std::vector<float> trial_mean(const Array<float, 2>& values);
/// The same of one unit of `rate_hz` (trial, unit, bin).
std::vector<float> trial_mean(const Array<float, 3>& rate_hz, std::size_t unit);

/// The bins of one trial and unit.
std::span<const float> trial_values(const Array<float, 3>& rate_hz, std::size_t trial, std::size_t unit);

/// (trial, bin) of one unit: all trials, or those of `order`.
Array<float, 2> unit_values(const Array<float, 3>& rate_hz, std::size_t unit);
Array<float, 2> unit_values(const Array<float, 3>& rate_hz, std::size_t unit,
                            const std::vector<std::size_t>& order);

}  // namespace rnn_rates::plot
