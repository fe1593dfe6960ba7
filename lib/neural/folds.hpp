#pragma once

#include <cstddef>
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

/// Which of a fit's networks did not see an entry: that of its trial's fold or, where a single trial was cut
/// into chops, of its bin's. And which trials share spikes, of which no network may train on one and be
/// tested on the other.
struct Folds {
  enum class Over { trials, bins };
  Over over = Over::trials;
  std::vector<std::uint32_t> fold = {};  ///< (trial) or (bin) the fold that holds it out; empty without folds
  std::vector<std::vector<std::uint32_t>> overlapping = {};  ///< see overlapping_trials()

  bool empty() const { return fold.empty(); }
  /// Networks of the fit: 1 without folds.
  std::size_t count() const;
  /// The fold that holds an entry out.
  std::uint32_t of(std::size_t trial, std::size_t bin) const {
    return fold[over == Over::trials ? trial : bin];
  }
  bool operator==(const Folds&) const = default;
};

/// Trials held out in turn, 0 to folds - 1, so that every fold has its share of each taste and of each part
/// of the session. No more folds than trials; none (empty) for a single trial or one fold.
Folds assign_folds(std::size_t trials, std::size_t folds);

/// The split of one fold over trials. Trials that share spikes with one that is held out neither train nor
/// test: purged cross-validation (Lopez de Prado 2018, Advances in Financial Machine Learning, ch. 7).
Split split_of_fold(const Folds& folds, std::size_t fold);

}  // namespace rnn_rates::neural
