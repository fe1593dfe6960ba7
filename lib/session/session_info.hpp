#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rnn_rates::session {

/// One name for each dig-in from an .info file: `taste_params.tastes`, matched by `dig_in_names`,
/// `dig_in_nums` or `dig_ins` (the keys of blech_clust's versions; numbers compare with the number at the end
/// of a dig-in's name), without such a list by natural order if the counts agree; the dig-in's own name where
/// nothing fits. Throws Error(input) where the file is not a JSON object.
std::vector<std::string> read_taste_names(const std::filesystem::path& info,
                                          std::span<const std::string> dig_ins);

/// The trials of each dig-in by `taste_params.trial_count`; empty where the file does not say, or not whose.
std::map<std::string, std::size_t> read_trial_counts(const std::filesystem::path& info);

/// When blech_make_arrays.py wrote the spike arrays by execution_log.json of a session's folder, such as
/// "2026-03-01 10:10:10"; else, as "2026-03-01", the day of the recording at the end of `name`
/// (NAME_260301_101010), before which it cannot have been; "" where neither is told.
std::string arrays_written_on(const std::filesystem::path& folder, const std::string& name);

/// The region of each electrode from an .info file's `electrode_layout` (region -> CAR groups -> electrodes),
/// "emg" and "none" among them. Throws Error(input) where the key is missing or of another form, and where an
/// electrode stands in two regions.
std::map<std::int64_t, std::string> read_electrode_layout(const std::filesystem::path& info);

/// How blech_clust cuts trials from the recording.
struct CutParameters {
  double samples_per_ms = 0.0;
  std::size_t pre_ms = 0;   ///< before the stimulus
  std::size_t post_ms = 0;  ///< after it
};

/// `sampling_rate` (Hz) and `spike_array_durations` ([pre, post] in whole ms) of a .params file. Throws
/// Error(input) naming file and key.
CutParameters read_cut_parameters(const std::filesystem::path& params);

}  // namespace rnn_rates::session
