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

}  // namespace rnn_rates::neural
