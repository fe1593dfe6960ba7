#include "inference/independent_runs.hpp"

#include <algorithm>
#include <functional>

namespace rnn_rates::inference {
namespace {

using Runs = Array<std::uint32_t, 2>;

Runs make_runs(const FitData& data,
               const std::function<std::size_t(std::size_t trial, std::size_t bin)>& run_of) {
  Runs runs({data.counts.extent(0), data.counts.extent(2)});
  for (std::size_t trial = 0; trial < runs.extent(0); ++trial) {
    for (std::size_t bin = 0; bin < runs.extent(1); ++bin)
      runs(trial, bin) = static_cast<std::uint32_t>(run_of(trial, bin));
  }
  return runs;
}

/// (trial) its place among all in the order of time.
std::vector<std::size_t> places_in_time(const std::vector<double>& trial_time_s) {
  std::vector<std::uint32_t> order = neural::all_indices(trial_time_s.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return trial_time_s[a] < trial_time_s[b]; });
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  return place;
}

}  // namespace

Runs independent_runs(const FitData& data) {
  const neural::Folds& folds = data.fit.folds;
  if (folds.over == neural::Folds::Over::bins && !folds.empty()) {
    const std::size_t length = data.fit.chop.bins;
    return make_runs(data, [=](std::size_t, std::size_t bin) { return bin / length; });
  }
  const auto overlapping = neural::overlapping_trials(data.fit.trial_time_s, data.window_ms());
  if (overlapping.empty()) return make_runs(data, [](std::size_t trial, std::size_t) { return trial; });
  std::size_t reach = 1;
  for (const auto& others : overlapping) reach = std::max(reach, others.size());
  constexpr std::size_t fewest = 4;
  const std::size_t trials = overlapping.size(), count = std::max(fewest, trials / (2 * reach));
  const std::vector<std::size_t> place = places_in_time(data.fit.trial_time_s);
  return make_runs(data, [&](std::size_t trial, std::size_t) { return place[trial] * count / trials; });
}

Runs fold_of_entries(const FitData& data) {
  const neural::Folds& folds = data.fit.folds;
  return make_runs(data, [&](std::size_t trial, std::size_t bin) {
    return folds.empty() ? std::size_t{0} : folds.of(trial, bin);
  });
}

}  // namespace rnn_rates::inference
