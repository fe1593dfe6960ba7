#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "core/columns.hpp"
#include "h5/file.hpp"

namespace rnn_rates::artifact {

/// Root attribute with name, size and time of change of each file that was read. Not part of any digest.
inline constexpr const char* source_stamp_attribute = "source_stamp";

/// What bins.h5 holds. All tastes have the same units and bins; trials may differ in number.
struct SessionBins {
  std::vector<double> bin_edges_ms;             ///< (bin + 1), from the start of the spike array
  double stim_ms = 0;                           ///< from the start of the spike array
  std::vector<std::string> unit_regions;        ///< (unit)
  Columns unit_columns;                         ///< (unit) see session::RecordingFacts; may be empty
  std::vector<std::string> taste_names;         ///< (taste) such as "sucrose"
  std::vector<std::string> taste_dig_ins;       ///< (taste) such as "dig_in_0"
  std::vector<std::uint8_t> taste_laser;        ///< (taste) 1 for trials with laser apart; empty without any
  std::vector<Array<std::uint16_t, 3>> counts;  ///< one a taste: spike counts (trial, unit, bin)
  std::vector<Array<std::uint8_t, 2>>
      laser;  ///< one a taste: (trial, bin) 1 with laser; empty unless it is an input
  std::vector<Array<std::uint8_t, 3>>
      observed;  ///< one a taste: (trial, unit, bin) 1 where observed; empty if everything was
  std::vector<double> trial_time_s;  ///< (trial of all tastes in order) of the stimulus; empty if not known
  /// (trial of all tastes in order) row in the recording's table, taste, and what else that table says; empty
  /// in files of older versions.
  Columns trial_columns;
  std::optional<Array<float, 3>>
      true_rate_hz;  ///< simulated sessions: (trial of all tastes in order, unit, bin)

  double window_ms() const { return bin_edges_ms.back() - bin_edges_ms.front(); }
  double bin_ms() const { return bin_edges_ms[1] - bin_edges_ms[0]; }
  std::size_t bins() const { return bin_edges_ms.size() - 1; }
  std::size_t units() const { return unit_regions.size(); }
  std::size_t trials() const;
  /// trial_columns, and time_s where it is known.
  Columns all_trial_columns() const;
};

void write_bins(h5::File& file, const SessionBins& bins);
/// Replaces the source stamp of a bins.h5 by publishing an edited copy. Throws Error(output) where there is
/// no room for it.
void replace_source_stamp(const std::filesystem::path& path, const std::string& stamp);
/// Digest of counts, tastes and bins: seeds are derived from it, so that no other news about trials changes
/// what is random.
std::string digest_of_counts(const h5::File& file);
/// Throws Error(input) where the file does not hold together.
SessionBins read_bins(const h5::File& file);

}  // namespace rnn_rates::artifact
