#include "neural/split.hpp"

#include <algorithm>
#include <cstddef>
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

}  // namespace rnn_rates::neural
