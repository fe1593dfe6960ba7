#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::neural {

/// Equal time bins over a window of the spike array. Made by make_bin_grid, which keeps start and width whole
/// milliseconds and the stimulus inside. Times count from the start of the spike array unless said otherwise.
struct BinGrid {
  double start_ms = 0.0;
  double bin_ms = 0.0;
  std::size_t bins = 0;
  double stim_ms = 0.0;

  double end_ms() const { return start_ms + static_cast<double>(bins) * bin_ms; }
  /// Milliseconds in the window: how many values of a unit bin_spikes() reads.
  std::size_t window_ms() const { return bins * static_cast<std::size_t>(bin_ms); }
  /// The bin that holds the stimulus.
  std::size_t stim_bin() const { return static_cast<std::size_t>((stim_ms - start_ms) / bin_ms); }
  /// (bin + 1)
  std::vector<double> edges_ms() const;
  /// (bin) relative to the stimulus.
  std::vector<double> centers_from_stim_ms() const;
};

/// Bins of `bin_ms` over [time_lims_ms[0], time_lims_ms[1]) of spike arrays `array_ms` long.
/// Throws Error(input), naming the config keys to change, unless bin and limits are whole milliseconds, the
/// window is a whole number of bins inside the array, and it holds the stimulus (start <= stim_ms < end).
BinGrid make_bin_grid(std::array<double, 2> time_lims_ms, double bin_ms, double stim_ms, double array_ms);

/// The grid that edges_ms() of a grid came from. `edges_ms` holds at least two.
BinGrid grid_of_edges(std::span<const double> edges_ms, double stim_ms);

/// Sums the spikes of one unit in one trial in bins: `spikes` (ms) is the window alone, `counts` (bin).
/// Returns the milliseconds that hold spikes, rising. Throws Error(input) where a value is negative,
/// fractional, not finite or above 65535, or where a bin's sum is: the message starts with `where` (the
/// array's name) and tells trial, unit, time and value; indices from 0.
std::vector<std::uint32_t> bin_spikes(std::span<const double> spikes, std::size_t unit, const BinGrid& grid,
                                      std::span<std::uint16_t> counts, std::string_view where,
                                      std::size_t trial);

/// Lists the spikes of one unit in one trial by time: adds to `ms_in_bin`, for each of the milliseconds
/// `with_spikes` that bin_spikes() found, where in its bin it is, from its start, as often as it has spikes.
/// Bins that were not observed (`observed` (bin) is 0 there; empty where all were) have none.
void list_spikes(std::span<const double> spikes, std::span<const std::uint32_t> with_spikes,
                 const BinGrid& grid, std::span<const std::uint8_t> observed,
                 std::vector<std::uint32_t>& ms_in_bin);

/// Rates (trial, unit, bin of `from_bin_ms`) that start where the spike array starts, averaged over the bins
/// of `grid`: (trial, unit, bin). Nothing where the grid's bins are not whole numbers of theirs, or leave
/// them.
std::optional<Array<float, 3>> rebin_rates(const Array<float, 3>& rates, double from_bin_ms,
                                           const BinGrid& grid);

}  // namespace rnn_rates::neural
