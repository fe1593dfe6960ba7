#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/array.hpp"
#include "core/columns.hpp"

namespace rnn_rates::nwb {

/// The trials of one taste or other condition.
struct ConditionTrials {
  std::string name;
  std::size_t trials = 0;
  std::vector<double> stimulus_s = {};  ///< (trial) in the recording's time; empty where not known
};

/// What the rates' file says of the session.
struct RatesSession {
  std::string id;
  std::optional<std::filesystem::path>
      source;  ///< an NWB file whose start, description and subject are taken over
  double window_start_s = 0, window_end_s = 0;  ///< of each trial, from the stimulus
  std::vector<ConditionTrials> conditions;
  Columns trial_columns = {};             ///< (trial of all conditions in order) what the recording says
  std::vector<std::string> unit_regions;  ///< (unit)
};

/// The rates of one fit, whose arrays stay with their owner.
struct RateSeries {
  std::string name;
  const std::vector<std::uint32_t>& units;            ///< rows of the session's units
  const std::vector<std::uint32_t>& trial_condition;  ///< (trial) index of its condition
  const std::vector<double>& time_ms;                 ///< (bin) centre, from the stimulus
  const Array<float, 3>& rate_hz;                     ///< (trial, unit, bin)
  const Array<float, 3>& latents;                     ///< (trial, latent, bin)
  std::string rates_know = {}, latents_know = {};     ///< what they are made from, such as "made from ..."
};

/// True where `path` holds the rates of this content digest. Throws Error(output) where something that is not
/// ours has that name.
bool holds_rates(const std::filesystem::path& path, const std::string& content_digest);

/// Throws Error(input) where values in the rates' NWB file fail HDF5's checksums.
void verify_rates(const std::filesystem::path& path);

/// Publishes `path` as an NWB file of its own: the module /processing/rnn_rates with, for each fit, a
/// TimeSeries <fit>_rate (time, unit) in Hz and <fit>_latent (time, latent), trials one after the other in
/// the order of recording; the table `units` there; and /intervals/trials, whose column timeseries leads to
/// the samples of each trial. Where windows overlap, trials are shared out over several series, <fit>_rate_0
/// and so on. Time is that of the recording where it is known of all trials; otherwise trials are laid one
/// second apart, and session_description says so. Throws Error(output), and Error(input) where
/// `session.source` is damaged.
void write_rates(const std::filesystem::path& path, const RatesSession& session,
                 const std::vector<RateSeries>& fits, const std::string& content_digest);

}  // namespace rnn_rates::nwb
