#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "extract_bins/extract.hpp"

namespace rnn_rates::extract_bins {
namespace {

struct Observed {
  std::size_t trials = 0, partly_observed_trials = 0;
  std::vector<bool> missed;  ///< (unit) was not observed in some bin
  std::vector<bool> gaps;    ///< (bin) no unit was observed in some trial
};

void look_at(const Array<std::uint8_t, 3>& taste, Observed& found) {
  const auto [trials, units, bins] = taste.shape();
  for (std::size_t trial = 0; trial < trials; ++trial) {
    std::vector<bool> any(bins, false);
    bool all = true;
    for (std::size_t unit = 0; unit < units; ++unit) {
      for (std::size_t bin = 0; bin < bins; ++bin) {
        if (taste(trial, unit, bin) != 0) {
          any[bin] = true;
        } else {
          all = false;
          found.missed[unit] = true;
        }
      }
    }
    for (std::size_t bin = 0; bin < bins; ++bin) {
      if (!any[bin]) found.gaps[bin] = true;
    }
    ++found.trials;
    if (!all) ++found.partly_observed_trials;
  }
}

/// The bins around the stimulus that have no gap, as time_lims_ms; "" where that is all of them or none.
std::string suggestion(const artifact::SessionBins& bins, const std::vector<bool>& gaps) {
  const auto& edges_ms = bins.bin_edges_ms;
  const auto stimulus =
      static_cast<std::size_t>(std::upper_bound(edges_ms.begin(), edges_ms.end() - 1, bins.stim_ms) -
                               edges_ms.begin()) -
      1;
  if (stimulus >= gaps.size() || gaps[stimulus] || std::ranges::count(gaps, true) == 0) return "";
  std::size_t first = stimulus, last = stimulus + 1;
  while (first > 0 && !gaps[first - 1]) --first;
  while (last < gaps.size() && !gaps[last]) ++last;
  return fmt::format(". With time_lims_ms = [{}, {}] every window lies within the recording", edges_ms[first],
                     edges_ms[last]);
}

}  // namespace

std::string what_was_observed(const session::Recording& recording, const artifact::SessionBins& bins) {
  Observed found{.missed = std::vector<bool>(bins.units()), .gaps = std::vector<bool>(bins.bins())};
  for (const auto& taste : bins.observed) look_at(taste, found);
  return fmt::format(
      "{}: {} of {} trials and {} of {} units were not observed in all of the window (obs_intervals, "
      "invalid_times, or outside of the recording). What was not observed counts as unknown, not as silent{}",
      recording.file().string(), found.partly_observed_trials, found.trials,
      std::ranges::count(found.missed, true), bins.units(), suggestion(bins, found.gaps));
}

}  // namespace rnn_rates::extract_bins
