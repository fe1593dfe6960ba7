#include "neural/binning.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"

namespace rnn_rates::neural {

namespace {

constexpr std::uint64_t most_spikes = std::numeric_limits<std::uint16_t>::max();

bool is_whole(double value) { return std::isfinite(value) && value == std::floor(value); }

bool is_count(double value) {
  return value >= 0.0 && value <= static_cast<double>(most_spikes) &&
         value == static_cast<double>(static_cast<std::uint32_t>(value));
}

/// True where all values are 0; by bits, for the compiler.
template <std::size_t Size>
bool is_silent(std::span<const double, Size> values) {
  std::uint64_t any = 0;
  for (const double value : values) any |= std::bit_cast<std::uint64_t>(value);
  return any == 0;
}

/// The places of all values but 0, which most are.
std::vector<std::uint32_t> places_of_spikes(std::span<const double> row) {
  constexpr std::size_t block = 16;
  std::vector<std::uint32_t> places;
  places.reserve(2 * block);
  for (std::size_t ms = 0; ms < row.size();) {
    const std::size_t end = std::min(ms + block, row.size());
    if (end == ms + block && is_silent(row.subspan(ms).first<block>())) ms = end;
    for (; ms < end; ++ms) {
      if (row[ms] != 0.0) places.push_back(static_cast<std::uint32_t>(ms));
    }
  }
  return places;
}

[[noreturn]] void throw_bad_value(std::span<const double> row, std::size_t unit, const BinGrid& grid,
                                  std::string_view where, std::size_t trial) {
  const auto at = std::find_if_not(row.begin(), row.end(), is_count);
  throw Error(
      ErrorKind::input,
      "{}: trial {}, unit {}, {} ms from the start of the array: found {}, expected a spike count (a whole "
      "number from 0 to {}). Correct the recording, or move time_lims_ms so that it leaves this place out",
      where, trial, unit, grid.start_ms + static_cast<double>(at - row.begin()), *at, most_spikes);
}

}  // namespace

std::vector<double> BinGrid::edges_ms() const {
  std::vector<double> edges(bins + 1);
  for (std::size_t bin = 0; bin <= bins; ++bin) edges[bin] = start_ms + static_cast<double>(bin) * bin_ms;
  return edges;
}

std::vector<double> BinGrid::centers_from_stim_ms() const {
  std::vector<double> centers(bins);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    centers[bin] = start_ms + (static_cast<double>(bin) + 0.5) * bin_ms - stim_ms;
  }
  return centers;
}

BinGrid make_bin_grid(std::array<double, 2> time_lims_ms, double bin_ms, double stim_ms, double array_ms) {
  const auto [start, end] = time_lims_ms;
  if (!is_whole(bin_ms) || bin_ms < 1.0) {
    throw Error(ErrorKind::input, "bin_ms = {}: expected a whole number of milliseconds, at least 1", bin_ms);
  }
  if (!is_whole(start) || !is_whole(end)) {
    throw Error(ErrorKind::input, "time_lims_ms = [{}, {}]: expected whole milliseconds", start, end);
  }
  if (start >= end) {
    throw Error(ErrorKind::input,
                "time_lims_ms = [{}, {}]: the window is empty; expected its start before its end", start,
                end);
  }
  if (start < 0.0 || end > array_ms) {
    throw Error(
        ErrorKind::input,
        "time_lims_ms = [{}, {}] leaves the spike array, which is {} ms long; expected limits from 0 to {}",
        start, end, array_ms, array_ms);
  }
  const double bins = (end - start) / bin_ms;
  if (std::fmod(end - start, bin_ms) != 0.0) {
    throw Error(
        ErrorKind::input,
        "time_lims_ms = [{}, {}] with bin_ms = {} is {:.6g} bins; expected a whole number: change the limits "
        "so that they differ by a multiple of bin_ms, or change bin_ms",
        start, end, bin_ms, bins);
  }
  if (!(stim_ms >= start && stim_ms < end)) {
    throw Error(
        ErrorKind::input,
        "stim_ms = {} lies outside time_lims_ms = [{}, {}): change stim_ms if the stimulus comes at another "
        "time, else widen time_lims_ms",
        stim_ms, start, end);
  }
  return {start, bin_ms, static_cast<std::size_t>(bins), stim_ms};
}

std::vector<std::uint32_t> bin_spikes(std::span<const double> spikes, std::size_t unit, const BinGrid& grid,
                                      std::span<std::uint16_t> counts, std::string_view where,
                                      std::size_t trial) {
  const auto width = static_cast<std::uint32_t>(grid.bin_ms);
  std::vector<std::uint64_t> sums(grid.bins);
  std::vector<std::uint32_t> with_spikes = places_of_spikes(spikes);
  for (const std::uint32_t ms : with_spikes) {
    if (!is_count(spikes[ms])) throw_bad_value(spikes, unit, grid, where, trial);
    sums[ms / width] += static_cast<std::uint32_t>(spikes[ms]);
  }
  for (std::size_t bin = 0; bin < grid.bins; ++bin) {
    if (sums[bin] > most_spikes) {
      const double from_ms = grid.start_ms + static_cast<double>(bin) * grid.bin_ms;
      throw Error(
          ErrorKind::input,
          "{}: trial {}, unit {}, {} to {} ms from the start of the array: found {} spikes in one bin, "
          "expected at most {}. Check that the array holds spike counts, or make bin_ms smaller",
          where, trial, unit, from_ms, from_ms + grid.bin_ms, sums[bin], most_spikes);
    }
    counts[bin] = static_cast<std::uint16_t>(sums[bin]);
  }
  return with_spikes;
}

void list_spikes(std::span<const double> spikes, std::span<const std::uint32_t> with_spikes,
                 const BinGrid& grid, std::span<const std::uint8_t> observed,
                 std::vector<std::uint32_t>& ms_in_bin) {
  const auto width = static_cast<std::uint32_t>(grid.bin_ms);
  for (const std::uint32_t ms : with_spikes) {
    if (observed.empty() || observed[ms / width] != 0)
      ms_in_bin.insert(ms_in_bin.end(), static_cast<std::uint32_t>(spikes[ms]), ms % width);
  }
}

BinGrid grid_of_edges(std::span<const double> edges_ms, double stim_ms) {
  return {edges_ms[0], edges_ms[1] - edges_ms[0], edges_ms.size() - 1, stim_ms};
}

std::optional<Array<float, 3>> rebin_rates(const Array<float, 3>& rates, double from_bin_ms,
                                           const BinGrid& grid) {
  const double first = grid.start_ms / from_bin_ms, ratio = grid.bin_ms / from_bin_ms;
  if (first != std::floor(first) || ratio != std::floor(ratio) || ratio < 1) return std::nullopt;
  const auto start = static_cast<std::size_t>(first), width = static_cast<std::size_t>(ratio);
  if (start + grid.bins * width > rates.extent(2)) return std::nullopt;
  Array<float, 3> out({rates.extent(0), rates.extent(1), grid.bins});
  for (std::size_t trial = 0; trial < out.extent(0); ++trial) {
    for (std::size_t unit = 0; unit < out.extent(1); ++unit) {
      for (std::size_t bin = 0; bin < grid.bins; ++bin) {
        const float* from = &rates(trial, unit, start + bin * width);
        out(trial, unit, bin) = std::accumulate(from, from + width, 0.0f) / static_cast<float>(width);
      }
    }
  }
  return out;
}

}  // namespace rnn_rates::neural
