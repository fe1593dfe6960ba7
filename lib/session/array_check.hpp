#pragma once

#include <functional>
#include <span>
#include <vector>

#include "session/readers.hpp"

namespace rnn_rates::session {

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
