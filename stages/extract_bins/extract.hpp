#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "neural/binning.hpp"
#include "session/recording.hpp"

namespace rnn_rates::extract_bins {

/// What is made of a recording.
struct Extracted {
  artifact::SessionBins bins;
  /// (spike) by trial of all tastes, unit and bin, as neural::list_spikes() lists them; where they are known
  /// by the millisecond.
  std::optional<std::vector<std::uint32_t>> ms_in_bin;
  std::string digest;  ///< of all that was read
};

/// Reads the recording and bins it, with the laser in bins where it is an input of the networks. Throws
/// Error(input), and Error(stopped) once a stop was asked for.
Extracted extract(session::Recording& recording, const neural::BinGrid& grid, bool laser_is_input);

/// A sentence on how many trials and units were not observed throughout, and, where there is one, the part of
/// the window in which some unit was observed in every trial. `bins.observed` is not empty.
std::string what_was_observed(const session::Recording& recording, const artifact::SessionBins& bins);

}  // namespace rnn_rates::extract_bins
