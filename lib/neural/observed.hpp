#pragma once

#include <cstdint>
#include <span>

#include "core/array.hpp"
#include "core/intervals.hpp"
#include "neural/binning.hpp"
#include "neural/hidden.hpp"

namespace rnn_rates::neural {

/// Entries (trial, unit, bin) that were observed: 1, else 0. Empty: all were.
using Observed = Array<std::uint8_t, 3>;

/// (trial, unit, bin) 1 for bins that lie within the time that a unit was observed, `unit_time` (unit), by
/// the time of the stimulus in the recording, `stimulus_s` (trial).
Observed observed_bins(std::span<const Intervals> unit_time, std::span<const double> stimulus_s,
                       const BinGrid& grid);

/// True of an entry, where all are if `observed` is empty.
inline bool is_observed(const Observed& observed, std::size_t entry) {
  return observed.size() == 0 || observed.values()[entry] != 0;
}

/// What a method must not see: what is hidden from it and what was never observed.
Hidden hidden_or_unobserved(const Hidden& hidden, const Observed& observed);

/// Makes what was not observed NaN. `rates` (trial, unit, bin) are of the last bins of those observed.
void leave_unobserved_open(Array<float, 3>& rates, const Observed& observed);
void leave_unobserved_open(Array<double, 3>& rates, const Observed& observed);

}  // namespace rnn_rates::neural
