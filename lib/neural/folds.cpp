#include "neural/folds.hpp"

#include <algorithm>

namespace rnn_rates::neural {

std::size_t Folds::count() const {
  return empty() ? 1 : std::size_t{*std::max_element(fold.begin(), fold.end())} + 1;
}

Folds assign_folds(std::size_t trials, std::size_t folds) {
  const std::size_t count = std::min(folds, trials);
  Folds assigned;
  for (std::size_t trial = 0; count > 1 && trial < trials; ++trial)
    assigned.fold.push_back(static_cast<std::uint32_t>(trial % count));
  return assigned;
}

Split split_of_fold(const Folds& folds, std::size_t fold) {
  const auto is_held_out = [&](std::uint32_t trial) { return folds.fold[trial] == fold; };
  Split split;
  for (std::uint32_t trial = 0; trial < folds.fold.size(); ++trial) {
    if (is_held_out(trial)) {
      split.test_trials.push_back(trial);
    } else if (folds.overlapping.empty() ||
               std::none_of(folds.overlapping[trial].begin(), folds.overlapping[trial].end(), is_held_out)) {
      split.train_trials.push_back(trial);
    }
  }
  return split;
}

}  // namespace rnn_rates::neural
