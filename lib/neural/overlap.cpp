#include "neural/overlap.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/random.hpp"
#include "neural/fits.hpp"

namespace rnn_rates::neural {
namespace {

std::vector<std::uint32_t> in_order_of_time(std::span<const double> trial_time_s) {
  std::vector<std::uint32_t> order = all_indices(trial_time_s.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return trial_time_s[a] < trial_time_s[b]; });
  return order;
}

bool overlap(double earlier_s, double later_s, double window_ms) {
  constexpr double rounding_ms = 1e-3;
  return (later_s - earlier_s) * 1000 < window_ms - rounding_ms;
}

/// How many trials each chain has, in the order of time.
std::vector<std::size_t> chain_lengths(std::span<const double> trial_time_s,
                                       std::span<const std::uint32_t> order, double window_ms) {
  std::vector<std::size_t> lengths = {1};
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (overlap(trial_time_s[order[i - 1]], trial_time_s[order[i]], window_ms))
      ++lengths.back();
    else
      lengths.push_back(1);
  }
  return lengths;
}

/// (trial) its fold: chains in the order of time, each to the first of the smallest folds.
std::vector<std::uint32_t> deal_chains(std::span<const std::uint32_t> order,
                                       const std::vector<std::size_t>& lengths, std::size_t folds) {
  std::vector<std::uint32_t> fold(order.size());
  std::vector<std::size_t> sizes(folds, 0);
  auto trial = order.begin();
  for (const std::size_t length : lengths) {
    const auto smallest = std::min_element(sizes.begin(), sizes.end());
    *smallest += length;
    for (const auto end = trial + static_cast<std::ptrdiff_t>(length); trial != end; ++trial)
      fold[*trial] = static_cast<std::uint32_t>(smallest - sizes.begin());
  }
  return fold;
}

void check_enough_trains(const Folds& folds, double window_ms) {
  const std::size_t trials = folds.fold.size();
  for (std::size_t fold = 0; fold < folds.count(); ++fold) {
    const Split split = split_of_fold(folds, fold);
    const std::size_t others = trials - split.test_trials.size();
    if (2 * split.train_trials.size() >= others) continue;
    throw Error(ErrorKind::input,
                "the windows of {} ms of its {} trials overlap so much that holding out {} of them leaves {} "
                "without their spikes to train on. Choose shorter time_lims_ms or fewer train.folds, or take "
                "the recording as one long window and cut it with chop.window_ms",
                window_ms, trials, split.test_trials.size(), split.train_trials.size());
  }
}

}  // namespace

std::vector<std::vector<std::uint32_t>> overlapping_trials(std::span<const double> trial_time_s,
                                                           double window_ms) {
  std::vector<std::vector<std::uint32_t>> overlapping(trial_time_s.size());
  const std::vector<std::uint32_t> order = in_order_of_time(trial_time_s);
  bool any = false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      if (!overlap(trial_time_s[order[i]], trial_time_s[order[j]], window_ms)) break;
      overlapping[order[i]].push_back(order[j]);
      overlapping[order[j]].push_back(order[i]);
      any = true;
    }
  }
  if (!any) return {};
  for (auto& others : overlapping) std::sort(others.begin(), others.end());
  return overlapping;
}

Folds assign_folds_apart(std::span<const double> trial_time_s, double window_ms, std::size_t trials,
                         std::size_t folds) {
  Folds assigned = assign_folds(trials, folds);
  assigned.overlapping = overlapping_trials(trial_time_s, window_ms);
  if (assigned.empty() || assigned.overlapping.empty()) return assigned;
  const std::size_t count = assigned.count();
  const std::vector<std::uint32_t> order = in_order_of_time(trial_time_s);
  const std::vector<std::size_t> lengths = chain_lengths(trial_time_s, order, window_ms);
  if (2 * count * *std::max_element(lengths.begin(), lengths.end()) <= trials) {
    assigned.fold = deal_chains(order, lengths, count);
  } else {
    for (std::size_t i = 0; i < trials; ++i)
      assigned.fold[order[i]] = static_cast<std::uint32_t>(i * count / trials);
  }
  check_enough_trains(assigned, window_ms);
  return assigned;
}

Split split_trials_apart(std::span<const std::uint32_t> trial_taste, std::span<const double> trial_time_s,
                         double window_ms, double train_fraction, std::uint64_t seed) {
  Split split = split_trials(trial_taste, train_fraction, seed);
  if (split.test_trials.empty() || overlapping_trials(trial_time_s, window_ms).empty()) return split;
  const auto folds =
      std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(1 / (1 - train_fraction))));
  const Folds apart = assign_folds_apart(trial_time_s, window_ms, trial_taste.size(), folds);
  return split_of_fold(apart, RandomStream(seed).below(apart.count()));
}

}  // namespace rnn_rates::neural
