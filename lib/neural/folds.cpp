#include "neural/folds.hpp"

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/random.hpp"

namespace rnn_rates::neural {

Split split_trials(std::span<const std::uint32_t> trial_taste, double train_fraction, std::uint64_t seed) {
  if (!(train_fraction > 0.0 && train_fraction <= 1.0)) {
    throw Error(ErrorKind::config, "train.train_test_split = {}: expected a share above 0 and at most 1",
                train_fraction);
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> trials_of_taste;
  for (std::uint32_t trial = 0; trial < trial_taste.size(); ++trial) {
    trials_of_taste[trial_taste[trial]].push_back(trial);
  }

  Split split;
  RandomStream random(seed);
  for (const auto& [taste, trials] : trials_of_taste) {
    const auto share = static_cast<std::size_t>(train_fraction * static_cast<double>(trials.size()));
    const std::size_t train_count = std::max<std::size_t>(share, 1);
    const std::vector<std::size_t> order = random.permutation(trials.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      (i < train_count ? split.train_trials : split.test_trials).push_back(trials[order[i]]);
    }
  }
  std::sort(split.train_trials.begin(), split.train_trials.end());
  std::sort(split.test_trials.begin(), split.test_trials.end());
  return split;
}

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
