#pragma once

#include <string>

#include "artifact/bins_file.hpp"
#include "session/recording.hpp"

namespace rnn_rates::extract_bins {

/// A sentence on how many trials and units were not observed throughout, and, where there is one, the part of
/// the window in which some unit was observed in every trial. `bins.observed` is not empty.
std::string what_was_observed(const session::Recording& recording, const artifact::SessionBins& bins);

}  // namespace rnn_rates::extract_bins
