#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rnn_rates::neural {

/// Which trials of a fit train the network and which validate it; indices into the fit's trials, ascending.
struct Split {
  std::vector<std::uint32_t> train_trials;
  std::vector<std::uint32_t> test_trials;
};

/// Draws floor(train_fraction * n) of each taste's n trials, but at least one, for training; the rest are for
/// testing (none where a taste has one trial). `trial_taste` (trial) names each trial's taste. With one taste
/// this is the Python program's split, which draws int(0.75 * n) trials without replacement. Equal arguments
/// give equal splits on every machine. Throws Error(config) unless 0 < train_fraction <= 1.
Split split_trials(std::span<const std::uint32_t> trial_taste, double train_fraction, std::uint64_t seed);

/// (trial) the fold that holds each trial out: 0 to folds - 1 in turn, so that every fold has its share of
/// each taste and of each part of the session. No more folds than trials; none (empty) for a single trial or
/// one fold.
std::vector<std::uint32_t> assign_folds(std::size_t trials, std::size_t folds);

/// The split of one fold.
Split split_of_fold(std::span<const std::uint32_t> trial_fold, std::uint32_t fold);

}  // namespace rnn_rates::neural
