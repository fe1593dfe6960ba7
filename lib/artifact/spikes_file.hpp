#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "artifact/bins_file.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// Where bins.h5 keeps them.
inline const std::string about_spikes = "/spikes/";

/// The spikes in the windows of all trials: one trial after the other, one unit after the other in each, by
/// time. Where windows overlap, a spike belongs to every trial whose window holds it.
struct WindowSpikes {
  std::size_t units = 0;
  std::vector<std::uint32_t> ms;  ///< (spike) from the start of the window
  std::vector<std::uint64_t>
      ends;  ///< (trial of all tastes in order, unit) flat: where its spikes end in `ms`

  std::size_t trials() const { return units == 0 ? 0 : ends.size() / units; }
  /// (spike) ms from the start of the window, rising; a millisecond with two spikes is there twice.
  std::span<const std::uint32_t> of(std::size_t trial, std::size_t unit) const;
};

/// Packs spikes as neural::list_spikes() lists them; the counts say to which bin each belongs.
void write_spikes(h5::File& file, std::span<const std::uint32_t> ms_in_bin);
/// Of a bins.h5 that holds `bins`; nothing where its recording has no spikes by the millisecond. Throws
/// Error(input) unless there are as many spikes as were counted in observed bins.
std::optional<WindowSpikes> read_spikes(const h5::File& file, const SessionBins& bins);

}  // namespace rnn_rates::artifact
