#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "h5/file.hpp"
#include "session/recording.hpp"
#include "session/session_files.hpp"

namespace rnn_rates::session {

/// A session's file, opened, with what the readers need to know around it.
struct OpenSession {
  SessionPlace place;
  h5::File file;
  std::optional<std::filesystem::path> info;
  bool regions_all = false;
};

/// Reads /spike_trains/<dig-in>/spike_array (trial, unit, ms) of any numeric type and layout, or /counts
/// (trial, unit, bin) with the attribute bin_ms on /spike_trains. Trials may differ in number between tastes;
/// units and ms must not. Optional: the attribute stim_ms on /spike_trains, and /spike_trains/unit_regions, a
/// text for each unit, which goes before the electrodes' regions.
std::unique_ptr<Recording> open_spike_arrays(OpenSession session);

/// Cuts trials from /sorted_units/<unit>/times (samples since the start of the recording, any numeric type,
/// any order) at the rows of trial_info_frame.csv, with sampling_rate and spike_array_durations of .params,
/// so that the arrays equal those that blech_make_arrays.py would write: with s the samples per ms and t0 a
/// trial's start_taste, spikes t in [t0 - pre s, t0 + post s] set the element trunc((t - t0) / s) + pre to 1
/// if it lies inside the array (so a spike less than 1 ms before the stimulus stands in the stimulus' own
/// millisecond, and two in one millisecond count once); trials that start after the last spike of all units
/// are left out.
std::unique_ptr<Recording> open_spike_times(OpenSession session);

/// Lines of Python that write a recording of one's own in a form that the readers know, for messages.
extern const char* const minimal_layout;

}  // namespace rnn_rates::session
