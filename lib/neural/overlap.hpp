#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "neural/folds.hpp"

namespace rnn_rates::neural {

/// Trials that share spikes: for each trial (trial) the others whose windows of `window_ms` overlap with its
/// own, ascending. `trial_time_s` (trial) tells when each begins; empty where that is not known, or where no
/// two overlap, the result is empty.
std::vector<std::vector<std::uint32_t>> overlapping_trials(std::span<const double> trial_time_s,
                                                           double window_ms);

/// Folds over trials some of which share spikes: runs of neighbouring trials, so that few overlap with trials
/// of another fold; split_of_fold() trains on none of those. Trials that overlap, one with the next, make a
/// chain. Chains shorter than half a fold's share stay whole and are dealt in the order of time; otherwise
/// each fold is one run of the session. Without overlaps, assign_folds(). Throws Error(input) where a fold
/// would leave less than half of the other trials to train on.
Folds assign_folds_apart(std::span<const double> trial_time_s, double window_ms, std::size_t trials,
                         std::size_t folds);

/// split_trials() for trials some of which may share spikes: then one of as many folds as test share and rest
/// make, drawn by `seed`, is held out. Throws what either throws.
Split split_trials_apart(std::span<const std::uint32_t> trial_taste, std::span<const double> trial_time_s,
                         double window_ms, double train_fraction, std::uint64_t seed);

}  // namespace rnn_rates::neural
