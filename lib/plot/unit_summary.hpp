#pragma once

#include <string>
#include <vector>

#include "plot/region_rates.hpp"

namespace rnn_rates::plot {

/// What a list of units says of one.
struct UnitSummary {
  double rate_hz = 0.0;            ///< mean over trials and bins in which it was recorded
  std::vector<std::string> flags;  ///< what to look out for
};

/// Summaries of all units (unit). Flags are "silent"; "few spikes", where it has less than one a trial; and
/// "drifts", where the later halves of the conditions' trials have 1.5 times the spikes of the earlier
/// halves, or the earlier ones of the later, and that by more than 4 standard errors.
std::vector<UnitSummary> summarise_units(const RegionRates& rates);

}  // namespace rnn_rates::plot
