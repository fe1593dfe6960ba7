#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "neural/split.hpp"

namespace rnn_rates::neural {

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
