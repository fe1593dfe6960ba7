#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/array.hpp"

namespace rnn_rates::neural {

/// 0, 1, ... count - 1: all trials, units or tastes.
std::vector<std::uint32_t> all_indices(std::size_t count);

/// region_<region>_taste_<taste>, as the Python program names its groups.
inline std::string fit_name(const std::string& region, const std::string& taste) {
  return "region_" + region + "_taste_" + taste;
}

/// Which units and tastes one network is trained on.
struct Fit {
  std::string region;  ///< "all" for the units of every region
  std::string taste;   ///< its index, or "all"
  std::vector<std::uint32_t> units;
  std::vector<std::uint32_t> tastes;

  std::string name() const { return fit_name(region, taste); }
};

/// The fit of these units and of the tastes in `trial_taste` (trial), in which trials stand in taste order;
/// without names.
Fit fit_of_trials(std::span<const std::uint32_t> units, std::span<const std::uint32_t> trial_taste);

/// The fits of a session: one per region (in byte order of names) and taste where they are separate. A single
/// region is called "all", as there is nothing to separate. Tastes
/// with laser, by `taste_laser` (taste) 1, never share a fit with others: where tastes are joint, they make
/// region_<r>_taste_all_laser; empty for none. `unit_regions` (unit).
std::vector<Fit> plan_fits(std::span<const std::string> unit_regions, std::size_t tastes,
                           bool separate_regions, bool separate_tastes,
                           std::span<const std::uint8_t> taste_laser = {});

/// The fit's units on the trials of its tastes one after the other: (trial, unit, bin) from one array a taste
/// of the session, each (trial, unit, bin); empty where there is none.
template <class T>
Array<T, 3> entries_of_fit(std::span<const Array<T, 3>> taste_entries, const Fit& fit) {
  if (taste_entries.empty()) return {};
  const std::size_t bins = taste_entries[fit.tastes.front()].extent(2);
  std::size_t trials = 0, row = 0;
  for (const std::uint32_t taste : fit.tastes) trials += taste_entries[taste].extent(0);
  Array<T, 3> entries({trials, fit.units.size(), bins});
  for (const std::uint32_t taste : fit.tastes) {
    const Array<T, 3>& from = taste_entries[taste];
    for (std::size_t trial = 0; trial < from.extent(0); ++trial, ++row) {
      for (std::size_t u = 0; u < fit.units.size(); ++u)
        std::copy_n(&from(trial, fit.units[u], 0), bins, &entries(row, u, 0));
    }
  }
  return entries;
}
inline Array<std::uint16_t, 3> counts_of_fit(std::span<const Array<std::uint16_t, 3>> taste_counts,
                                             const Fit& fit) {
  return entries_of_fit(taste_counts, fit);
}

/// (trial) taste of each trial of counts_of_fit.
std::vector<std::uint32_t> trial_tastes(std::span<const Array<std::uint16_t, 3>> taste_counts,
                                        const Fit& fit);

/// The fit's part of one value a trial, `all` (trial of all tastes in order); empty where that is.
template <class T>
std::vector<T> of_trials_of_fit(const std::vector<T>& all,
                                std::span<const Array<std::uint16_t, 3>> taste_counts, const Fit& fit) {
  std::vector<T> chosen;
  auto next = all.begin();
  for (std::uint32_t taste = 0; next != all.end() && taste < taste_counts.size(); ++taste) {
    const auto end = next + static_cast<std::ptrdiff_t>(taste_counts[taste].extent(0));
    if (std::find(fit.tastes.begin(), fit.tastes.end(), taste) != fit.tastes.end())
      chosen.insert(chosen.end(), next, end);
    next = end;
  }
  return chosen;
}

/// The same of (trial, bin) values, one array a taste: (trial, bin) of the fit; empty where there are none.
Array<std::uint8_t, 2> laser_of_fit(std::span<const Array<std::uint8_t, 2>> taste_laser, const Fit& fit);

/// The trials `trials`, in that order, and the bins from `first_bin` on of an array (trial, unit, bin).
template <class T>
Array<T, 3> trials_of(const Array<T, 3>& all, std::span<const std::uint32_t> trials,
                      std::size_t first_bin = 0) {
  const auto [count, units, all_bins] = all.shape();
  const std::size_t bins = all_bins - first_bin;
  Array<T, 3> chosen({trials.size(), units, bins});
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t unit = 0; unit < units; ++unit)
      std::copy_n(&all(trials[i], unit, first_bin), bins, &chosen(i, unit, 0));
  }
  return chosen;
}

}  // namespace rnn_rates::neural
