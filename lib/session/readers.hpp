#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

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
  bool laser = false;  ///< find out which trials had the laser on
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

/// Reads an NWB file (Rübel et al., eLife 11:e78362, 2022): spike times in seconds from `units_table`, trials
/// and their conditions from a table such as /intervals/trials, regions as nwb::read_locations() finds them,
/// else "all". A spike of time t stands in the millisecond floor((t - stimulus) 1000 + pre_ms) of a trial,
/// where times up to 1 ns below a whole millisecond count as on it. Trials without a time of the stimulus,
/// away from what was recorded, or without a condition are left out and told in the notes. Conditions come in
/// the order of nwb::condition_less(); of a table with blech_clust's column dig_in_name_taste they are its
/// dig-ins, in byte order. Throws Error(input), listing the tables or columns there are, and as
/// check_plausible().
std::unique_ptr<Recording> open_nwb(OpenSession session, const std::string& units_table,
                                    const nwb::TrialColumns& columns, const TrialSpan& span);

/// Lines of Python that write a recording of one's own in a form that the readers know, for messages.
extern const char* const minimal_layout;

/// Reads one trial of a dig-in's spike array (unit, ms); its spans are of whole trials.
using ReadArray = std::function<void(std::size_t dig_in, std::size_t trial, std::span<double> spikes)>;

/// What a session folder says of the spike arrays of its dig-ins.
struct ArrayFacts {
  std::vector<Taste>& tastes;
  std::size_t units = 0, array_ms = 0;
  std::vector<std::filesystem::path>& sources;
  std::vector<std::string>& notes;
  Columns& trial_table;
};

/// Holds spike arrays against the names and trials of .info and trial_info_frame.csv and, where the folder
/// has them, against the spike times in /sorted_units, and gives tastes the times of their trials, and
/// the table of trials, where all agree. Throws Error(input), saying which array holds which taste, where one
/// holds the trials of another, as blech_make_arrays.py has written them since 2026-02-17 (8a66fb5 of
/// github.com/katzlabbrandeis/blech_clust).
void check_arrays(const OpenSession& session, const ReadArray& read, ArrayFacts facts);

}  // namespace rnn_rates::session
